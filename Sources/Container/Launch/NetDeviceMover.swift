import Glibc
internal import Kernel
internal import OCISpec

/// Moves network devices of the host into a container's network namespace.
///
/// A device loses its addresses and goes down on the way, so those that somebody configured are
/// given back inside and the device is brought up, as the specification wants it ("Network
/// devices"). What the runtime moved it does not take back when the container ends: the kernel
/// returns physical devices and destroys virtual ones with the namespace.
final class NetDeviceMover {
    private struct Moved {
        var name: String
        var nameInside: String
        var isUp: Bool
        var addresses: [NetworkAddress]
    }

    private var moved: [Moved] = []
    private let host: Netlink
    private let inside: Netlink
    private let hostNamespace: FileDescriptor
    private let namespace: FileDescriptor

    /// Opens a socket on both sides.
    init(pid: Int32) throws(RuntimeError) {
        do throws(SystemError) {
            let procFS = try ProcFS.open()
            hostNamespace = try procFS.openNamespace(getpid(), "net")
            namespace = try procFS.openNamespace(pid, "net")
        } catch {
            throw RuntimeError(
                .system, "cannot open the network namespace", at: "linux/netDevices",
                underlying: error)
        }
        do throws(Errno) {
            host = try Netlink.open()
            inside = try Netlink.open(in: namespace, from: hostNamespace)
        } catch {
            throw RuntimeError(
                .system, "cannot reach the network namespace", at: "linux/netDevices",
                underlying: SystemError("setns", "net", error))
        }
    }

    /// Moves devices one by one, in the order of the configuration.
    func move(_ devices: [NetDevice]) throws(RuntimeError) {
        for device in devices { try move(device) }
    }

    private func move(_ device: NetDevice) throws(RuntimeError) {
        let location = "linux/netDevices/" + PathText.pointerToken(device.key)
        var call = "RTM_GETLINK"
        let problem: String
        do throws(Errno) {
            let link = try host.link(device.key)
            let name = try freeName(device)
            if let link, let name {
                try move(device.key, link, name, &call)
                return
            }
            problem =
                link == nil
                ? "the host has no network device \(device.key)"
                : "the container has a network device \(device.nameInside) already"
        } catch {
            throw RuntimeError(
                .system, "cannot move network device \(device.key)", at: location,
                underlying: SystemError(call, device.key, error))
        }
        throw RuntimeError(.system, problem, at: location)
    }

    private func move(
        _ device: String, _ link: NetworkLink, _ name: String, _ call: inout String
    ) throws(Errno) {
        call = "RTM_GETADDR"
        let addresses = try host.permanentAddresses(of: link.index)
        call = "RTM_NEWLINK"
        try host.move(link.index, to: namespace, name: name)
        moved.append(
            Moved(name: device, nameInside: name, isUp: link.isUp, addresses: addresses))
        call = "RTM_NEWADDR"
        try settle(name, addresses, isUp: true, in: inside)
    }

    /// The device's name inside, of a template such as `eth%d` the first that is free; nil when it
    /// is taken.
    private func freeName(_ device: NetDevice) throws(Errno) -> String? {
        let name = device.nameInside
        guard let mark = name.firstIndex(of: "%") else {
            return try inside.link(name) == nil ? name : nil
        }
        for number in 0..<4096 {
            let candidate = name[..<mark] + String(number) + name[name.index(mark, offsetBy: 2)...]
            if try inside.link(String(candidate)) == nil { return String(candidate) }
        }
        return nil
    }

    private func settle(
        _ name: String, _ addresses: [NetworkAddress], isUp: Bool, in socket: borrowing Netlink
    ) throws(Errno) {
        guard let link = try socket.link(name) else { throw .noDevice }
        for address in addresses { try socket.add(address, to: link.index) }
        if isUp { try socket.setUp(link.index, true) }
    }

    /// Brings back what was moved, with name, addresses and state, as if nothing had been tried.
    func restore() {
        for device in moved.reversed() {
            guard let link = try? inside.link(device.nameInside) else { continue }
            try? inside.move(link.index, to: hostNamespace, name: device.name)
            try? settle(device.name, device.addresses, isUp: device.isUp, in: host)
        }
        moved = []
    }
}

extension NetDevice {
    /// Its name in the container: the host's where the configuration says nothing.
    var nameInside: String { name.flatMap { $0.isEmpty ? nil : $0 } ?? key }
}
