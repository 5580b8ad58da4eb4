/// `linux.resources.devices` as writes to `devices.allow` and `devices.deny` of version 1.
enum V1Devices {
    static func convert(
        _ rules: [CgroupDeviceRule], into list: inout CgroupWriteList
    ) throws(CgroupError) {
        let form = try DeviceExceptions(DeviceRules.effective(rules))
        // `a` sets the default and forgets all exceptions, the parent's copy included.
        let reset = form.allowsByDefault ? "devices.allow" : "devices.deny"
        let exception = form.allowsByDefault ? "devices.deny" : "devices.allow"
        list.add("devices", reset, "a", "devices")
        for rule in form.exceptions {
            list.add("devices", exception, line(rule), "devices")
        }
    }

    /// A rule of one kind as the kernel reads it: `c 1:3 rwm`.
    static func line(_ rule: CgroupDeviceRule) -> String {
        var text = rule.kind == .block ? "b " : "c "
        if let major = rule.major { text += String(major) } else { text += "*" }
        text += ":"
        if let minor = rule.minor { text += String(minor) } else { text += "*" }
        text += " "
        if rule.access.contains(.read) { text += "r" }
        if rule.access.contains(.write) { text += "w" }
        if rule.access.contains(.mknod) { text += "m" }
        return text
    }
}
