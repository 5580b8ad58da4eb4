internal import CKernel
import Glibc

/// A network address of an interface, as `ip address` shows it.
package struct NetworkAddress: Equatable, Sendable {
    /// `AF_INET` or `AF_INET6`.
    package var family: UInt8
    /// In bits.
    package var prefixLength: UInt8
    /// The attributes that make the address: `IFA_ADDRESS`, `IFA_LOCAL`, `IFA_BROADCAST`.
    package var attributes: [NetlinkAttribute]
}

/// A network interface, as `ip link` shows it.
package struct NetworkLink: Equatable, Sendable {
    /// The number of the interface in its network namespace.
    package var index: Int32
    /// `IFF_*` flags (netdevice(7)).
    package var flags: UInt32

    /// Whether it is administratively up.
    package var isUp: Bool { flags & 1 != 0 }
}

/// One attribute of a message of `rtnetlink(7)`.
package struct NetlinkAttribute: Equatable, Sendable {
    /// `IFA_*` or `IFLA_*`.
    package var type: UInt16
    /// As it is sent: numbers in the host's byte order, addresses in the network's.
    package var value: [UInt8]
}

/// A socket that speaks `rtnetlink(7)` in the network namespace in which it was opened.
package struct Netlink: ~Copyable, Sendable {
    private let socket: FileDescriptor
    private static let sequence: UInt32 = 1

    private init(_ socket: consuming FileDescriptor) {
        self.socket = socket
    }

    /// Opens a socket in the present network namespace.
    ///
    /// - Throws: the error number of `socket`.
    package static func open() throws(Errno) -> Netlink {
        // SOCK_RAW with SOCK_CLOEXEC, NETLINK_ROUTE.
        let number = try Syscall.call("socket") { Glibc.socket(AF_NETLINK, 3 | 0o2000000, 0) }
        return Netlink(FileDescriptor(owning: number))
    }

    /// Opens a socket in another network namespace: the socket stays there, this thread comes back.
    ///
    /// - Throws: the error number of `setns`; the program must not go on when coming back fails.
    package static func open(
        in namespace: borrowing FileDescriptor, from own: borrowing FileDescriptor
    ) throws(Errno) -> Netlink {
        let (there, here) = (namespace.rawValue, own.rawValue)
        try Syscall.call("setns") { ck_setns(there, Int32(CLONE_NEWNET)) }
        var failure: Errno?
        var number: Int32 = -1
        do throws(Errno) {
            number = try Syscall.call("socket") { Glibc.socket(AF_NETLINK, 3 | 0o2000000, 0) }
        } catch {
            failure = error
        }
        try Syscall.call("setns") { ck_setns(here, Int32(CLONE_NEWNET)) }
        if let failure { throw failure }
        return Netlink(FileDescriptor(owning: number))
    }
}

// MARK: - Requests

extension Netlink {
    /// Finds an interface by name.
    ///
    /// - Returns: `nil` when there is none.
    /// - Throws: the error number that the kernel answers with, or that of the socket.
    package borrowing func link(_ name: String) throws(Errno) -> NetworkLink? {
        var request = Message(type: Self.getLink, flags: 0, header: Self.linkHeader())
        request.add(Self.linkName, text: name)
        let replies: [[UInt8]]
        do throws(Errno) { replies = try exchange(request) } catch .noDevice { return nil }
        guard let reply = replies.first, reply.count >= 16 else { return nil }
        return NetworkLink(
            index: Int32(bitPattern: Self.word(reply, 4)), flags: Self.word(reply, 8))
    }

    /// The global, permanent addresses of an interface, those that somebody configured.
    ///
    /// Others come and go by themselves.
    ///
    /// - Throws: the error number that the kernel answers with, or that of the socket.
    package borrowing func permanentAddresses(of index: Int32) throws(Errno) -> [NetworkAddress] {
        let request = Message(
            type: Self.getAddress, flags: Self.dump, header: [UInt8](repeating: 0, count: 8))
        var result: [NetworkAddress] = []
        for reply in try exchange(request) where reply.count >= 8 {
            let (family, prefix, flags, scope) = (reply[0], reply[1], reply[2], reply[3])
            guard Int32(bitPattern: Self.word(reply, 4)) == index, scope == 0, flags & 0x80 != 0
            else { continue }
            let kept: [UInt16] = [1, 2, 4]  // IFA_ADDRESS, IFA_LOCAL, IFA_BROADCAST
            result.append(
                NetworkAddress(
                    family: family, prefixLength: prefix,
                    attributes: Self.attributes(reply, from: 8).filter { kept.contains($0.type) }))
        }
        return result
    }

    /// Moves an interface into another network namespace under a name.
    ///
    /// - Throws: `EEXIST` when the name is taken there.
    package borrowing func move(
        _ index: Int32, to namespace: borrowing FileDescriptor, name: String
    ) throws(Errno) {
        var request = Message(
            type: Self.newLink, flags: Self.acknowledge, header: Self.linkHeader(index))
        request.add(Self.linkNamespace, number: UInt32(bitPattern: namespace.rawValue))
        request.add(Self.linkName, text: name)
        _ = try exchange(request)
    }

    /// Brings an interface up or down.
    ///
    /// - Throws: the error number that the kernel answers with.
    package borrowing func setUp(_ index: Int32, _ isUp: Bool) throws(Errno) {
        let request = Message(
            type: Self.newLink, flags: Self.acknowledge,
            header: Self.linkHeader(index, flags: isUp ? 1 : 0, change: 1))
        _ = try exchange(request)
    }

    /// Gives an address to an interface; its label, which names the interface, is left out.
    ///
    /// - Throws: `EEXIST` when the interface has it already.
    package borrowing func add(_ address: NetworkAddress, to index: Int32) throws(Errno) {
        var header: [UInt8] = [address.family, address.prefixLength, 0x80, 0]
        header.append(contentsOf: Self.bytes(UInt32(bitPattern: index)))
        var request = Message(
            type: Self.newAddress, flags: Self.acknowledge | 0x400 | 0x200, header: header)
        for attribute in address.attributes {
            request.add(attribute.type, attribute.value)
        }
        do throws(Errno) { _ = try exchange(request) } catch .exists { return }
    }
}

// MARK: - Messages

extension Netlink {
    private static let newLink: UInt16 = 16
    private static let getLink: UInt16 = 18
    private static let newAddress: UInt16 = 20
    private static let getAddress: UInt16 = 22
    private static let linkName: UInt16 = 3
    private static let linkNamespace: UInt16 = 28
    private static let acknowledge: UInt16 = 4
    private static let dump: UInt16 = 0x300

    /// `struct nlmsghdr`, the header of the family, and attributes.
    private struct Message {
        var bytes: [UInt8]

        init(type: UInt16, flags: UInt16, header: [UInt8]) {
            bytes = [0, 0, 0, 0]
            bytes += Netlink.bytes(type) + Netlink.bytes(flags | 1)  // NLM_F_REQUEST
            bytes += Netlink.bytes(Netlink.sequence) + [0, 0, 0, 0] + header
            finish()
        }

        mutating func add(_ type: UInt16, _ value: [UInt8]) {
            bytes += Netlink.bytes(UInt16(value.count + 4)) + Netlink.bytes(type) + value
            while bytes.count % 4 != 0 { bytes.append(0) }
            finish()
        }

        mutating func add(_ type: UInt16, text: String) { add(type, Array(text.utf8) + [0]) }

        mutating func add(_ type: UInt16, number: UInt32) { add(type, Netlink.bytes(number)) }

        mutating func finish() {
            for (place, byte) in Netlink.bytes(UInt32(bytes.count)).enumerated() {
                bytes[place] = byte
            }
        }
    }

    /// `struct ifinfomsg`.
    private static func linkHeader(
        _ index: Int32 = 0, flags: UInt32 = 0, change: UInt32 = 0
    ) -> [UInt8] {
        [0, 0, 0, 0] + bytes(UInt32(bitPattern: index)) + bytes(flags) + bytes(change)
    }

    private static func bytes(_ value: UInt16) -> [UInt8] {
        [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
    }

    private static func bytes(_ value: UInt32) -> [UInt8] {
        bytes(UInt16(truncatingIfNeeded: value)) + bytes(UInt16(truncatingIfNeeded: value >> 16))
    }

    private static func word(_ bytes: [UInt8], _ place: Int) -> UInt32 {
        UInt32(half(bytes, place)) | UInt32(half(bytes, place + 2)) << 16
    }

    private static func half(_ bytes: [UInt8], _ place: Int) -> UInt16 {
        UInt16(bytes[place]) | UInt16(bytes[place + 1]) << 8
    }

    /// Takes the attributes apart that follow a header.
    ///
    /// Numbers are in the byte order of the host, which is little-endian on every architecture that
    /// the project builds for.
    private static func attributes(_ bytes: [UInt8], from start: Int) -> [NetlinkAttribute] {
        var result: [NetlinkAttribute] = []
        var place = start
        while place + 4 <= bytes.count {
            let size = Int(half(bytes, place))
            guard size >= 4, place + size <= bytes.count else { break }
            result.append(
                NetlinkAttribute(
                    type: half(bytes, place + 2) & 0x3fff,
                    value: Array(bytes[(place + 4)..<(place + size)])))
            place += (size + 3) & ~3
        }
        return result
    }

    /// Sends a request and collects the bodies of the replies, without their headers.
    private borrowing func exchange(_ request: Message) throws(Errno) -> [[UInt8]] {
        let raw = socket.rawValue
        _ = try Syscall.call("sendto") {
            request.bytes.withUnsafeBytes { send(raw, $0.baseAddress, $0.count, 0) }
        }
        var replies: [[UInt8]] = []
        var buffer = [UInt8](repeating: 0, count: 32768)
        while true {
            let count = try Syscall.call("recvfrom") {
                buffer.withUnsafeMutableBytes { recv(raw, $0.baseAddress, $0.count, 0) }
            }
            if try Self.collect(Array(buffer[..<count]), into: &replies) { return replies }
        }
    }

    /// Takes one datagram apart; says whether it was the last.
    private static func collect(
        _ datagram: [UInt8], into replies: inout [[UInt8]]
    ) throws(Errno) -> Bool {
        var place = 0
        while place + 16 <= datagram.count {
            let size = Int(word(datagram, place))
            let type = half(datagram, place + 4)
            guard size >= 16, place + size <= datagram.count else { throw Errno(EPROTO) }
            switch type {
            case 3: return true  // NLMSG_DONE
            case 2:  // NLMSG_ERROR; 0 is an acknowledgement
                guard size >= 20 else { throw Errno(EPROTO) }
                let error = Int32(bitPattern: word(datagram, place + 16))
                if error != 0 { throw Errno(-error) }
                return true
            default:
                replies.append(Array(datagram[(place + 16)..<(place + size)]))
                // A reply that is no part of a dump is the only one.
                if half(datagram, place + 6) & 2 == 0 { return true }
            }
            place += (size + 3) & ~3
        }
        return false
    }
}
