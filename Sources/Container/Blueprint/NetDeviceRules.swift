internal import OCISpec

/// What `linux.netDevices` must fulfil before a device is moved.
package enum NetDeviceRules {
    /// Notes names that the kernel refuses or that collide, and a namespace that is the host's.
    package static func check(_ blueprint: Blueprint, _ diagnostics: inout Diagnostics) {
        let all = "linux/netDevices"
        if !blueprint.namespaces.separates(.network) {
            diagnostics.error(
                all, "network devices need a network namespace of the container's own")
        }
        if blueprint.facts.isRootless {
            diagnostics.error(all, "an ordinary user cannot move network devices")
        }
        var names: [String] = []
        for device in blueprint.netDevices {
            let location = all + "/" + PathText.pointerToken(device.key)
            let name = device.nameInside
            if !isName(device.key) {
                diagnostics.error(location, "\"\(device.key)\" cannot name a network device")
            }
            if !isName(name) && !isTemplate(name) {
                diagnostics.error(location + "/name", "\"\(name)\" cannot name a network device")
            }
            if names.contains(name), !isTemplate(name) {
                diagnostics.error(location, "another device is called \(name) inside")
            }
            names.append(name)
        }
    }

    /// As `dev_valid_name` of the kernel has it, and without the sign of a template.
    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count < 16 && name != "." && name != ".."
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 0...32, UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "%"): false
                default: true
                }
            }
    }

    /// A name with `%d` in the place of a number that the kernel chooses.
    private static func isTemplate(_ name: String) -> Bool {
        let parts = name.split(separator: "%", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].hasPrefix("d") else { return false }
        return isName(String(parts[0]) + "0" + String(parts[1].dropFirst()))
    }
}
