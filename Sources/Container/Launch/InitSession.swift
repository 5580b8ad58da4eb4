package import CInit
import Glibc
package import Kernel

/// The parent's side of the conversation with the init stage (`sync.h`).
///
/// Trusts nothing that comes from there: the process on the other side has already mounted an
/// image that may be hostile. A message that is not legal at its point ends the session.
package final class InitSession {
    /// How far the conversation is.
    package enum Phase: Equatable, Sendable {
        /// Operations are running.
        case running
        /// Init waits at a sync for `GO`.
        case waiting
        /// Init closed its end, or said `FAIL`.
        case ended
    }

    /// What an await ended with.
    package enum Event {
        case reached(UInt64)
        case descriptor(reason: UInt64)
        case failed(sync_message)
        case ended
    }

    private let socket: SeqPacketSocket
    /// Readable when the launch is to end, or -1.
    private let interruption: Int32
    package private(set) var phase = Phase.waiting
    /// The pid that the second stage has, once there is one.
    package private(set) var forkedPid: Int32?
    /// The pidfd that came with it; taken by `takeForkedPidfd`.
    private var forkedPidfd: Int32 = -1
    private var console: Int32 = -1
    private var listener: Int32 = -1
    /// Failures that are no errors, in the order in which they came.
    package private(set) var warnings: [sync_message] = []
    /// Whether nothing but exec was left to do.
    package private(set) var isExecuting = false
    /// Nanoseconds by index of the operation, when the plan is traced.
    package private(set) var timings: [(op: Int, nanoseconds: UInt64)] = []

    /// Starts a session on the near end of a pair.
    ///
    /// - Parameter interruption: a descriptor that ends waiting when it is readable, or -1.
    package init(_ socket: consuming SeqPacketSocket, interruption: Int32 = -1) {
        self.socket = socket
        self.interruption = interruption
    }

    deinit {
        if forkedPidfd >= 0 { close(forkedPidfd) }
        if console >= 0 { close(console) }
        if listener >= 0 { close(listener) }
    }

    /// Lets the init stage go on.
    ///
    /// - Throws: the error number of `sendmsg`: `EPIPE` when it died.
    package func go() throws(Errno) {
        guard phase == .waiting else { throw .invalid }
        var message = sync_message()
        message.magic = UInt32(SYNC_MAGIC)
        message.kind = sync_kind.SYNC_GO.rawValue
        try socket.send(message)
        phase = .running
    }

    /// The pidfd of the second stage, once.
    package func takeForkedPidfd() -> Pidfd? {
        guard forkedPidfd >= 0 else { return nil }
        defer { forkedPidfd = -1 }
        return Pidfd(owning: forkedPidfd)
    }

    /// Gives the terminal the size of another one, if that is one: before the program runs, so that
    /// it neither sees a terminal without size nor is told of a change that is none.
    package func sizeConsole(like terminal: Int32) {
        guard console >= 0, let size = try? Terminal.size(terminal) else { return }
        try? Terminal.setSize(console, size)
    }

    /// The terminal's master, once.
    package func takeConsole() -> FileDescriptor? {
        guard console >= 0 else { return nil }
        defer { console = -1 }
        return FileDescriptor(owning: console)
    }

    /// The descriptor of the filter's notifications, once.
    package func takeListener() -> FileDescriptor? {
        guard listener >= 0 else { return nil }
        defer { listener = -1 }
        return FileDescriptor(owning: listener)
    }

    /// Waits until the init stage reaches a sync, passes a descriptor, fails or ends.
    ///
    /// - Throws: `EPROTO` for a message that is not legal here; `EINTR` when the launch is to end;
    ///   otherwise the error number of `recvmsg`.
    package func next() throws(Errno) -> Event {
        while true {
            var message = sync_message()
            var descriptor: Int32 = -1
            guard try receive(&message, &descriptor) else {
                phase = .ended
                return .ended
            }
            // An imported C enumeration takes any number, so the range is checked before.
            guard message.magic == UInt32(SYNC_MAGIC), (1...9).contains(message.kind),
                let kind = sync_kind(rawValue: message.kind), Self.isLegal(kind, in: phase),
                Self.carriesDescriptor(kind) == (descriptor >= 0)
            else {
                try protocolError(descriptor)
            }
            if let event = try take(kind, message, descriptor) { return event }
        }
    }

    private func receive(
        _ message: inout sync_message, _ descriptor: inout Int32
    ) throws(Errno) -> Bool {
        do throws(Errno) {
            if interruption >= 0 { try waitForMessage() }
            return try socket.receive(into: &message, descriptor: &descriptor)
        } catch {
            phase = .ended
            throw error
        }
    }

    private func waitForMessage() throws(Errno) {
        var entries = [
            pollfd(fd: socket.rawValue, events: Int16(POLLIN), revents: 0),
            pollfd(fd: interruption, events: Int16(POLLIN), revents: 0),
        ]
        _ = try Poll.wait(&entries)
        if entries[1].revents != 0 { throw .interrupted }
    }

    /// Which messages come with a descriptor: these must have one, others must not.
    private static func carriesDescriptor(_ kind: sync_kind) -> Bool {
        kind == .SYNC_FORKED || kind == .SYNC_FD
    }

    /// Which messages may come from the init stage, by phase.
    ///
    /// While it waits it says nothing.
    package static func isLegal(_ kind: sync_kind, in phase: Phase) -> Bool {
        switch (phase, kind) {
        case (.running, .SYNC_REACHED), (.running, .SYNC_FORKED), (.running, .SYNC_FD),
            (.running, .SYNC_WARN), (.running, .SYNC_TIMING), (.running, .SYNC_FAIL),
            (.running, .SYNC_EXECUTING):
            true
        // The first stage fails before its first GO when the plan is not valid.
        case (.waiting, .SYNC_FAIL): true
        default: false
        }
    }

    private func take(
        _ kind: sync_kind, _ message: sync_message, _ descriptor: Int32
    ) throws(Errno) -> Event? {
        switch kind {
        case .SYNC_REACHED:
            phase = .waiting
            return .reached(message.value)
        case .SYNC_FORKED:
            guard forkedPid == nil, let pid = Int32(exactly: message.value), pid > 0
            else { try protocolError(descriptor) }
            forkedPid = pid
            forkedPidfd = descriptor
            return nil
        case .SYNC_FD:
            return try adopt(descriptor, message.value)
        case .SYNC_WARN:
            if warnings.count == Self.remarkLimit { try protocolError(descriptor) }
            warnings.append(message)
        case .SYNC_TIMING:
            if timings.count == Self.remarkLimit { try protocolError(descriptor) }
            timings.append((Int(message.op), message.value))
        case .SYNC_EXECUTING:
            if isExecuting { try protocolError(descriptor) }
            isExecuting = true
        case .SYNC_FAIL:
            phase = .ended
            return .failed(message)
        default: try protocolError(descriptor)
        }
        return nil
    }

    /// One of each for every operation of the largest plan: a process that talks without end must
    /// not fill this one's memory.
    private static var remarkLimit: Int { Int(PLAN_MAX_OPS) }

    /// Each kind of descriptor comes once.
    private func adopt(_ descriptor: Int32, _ reason: UInt64) throws(Errno) -> Event? {
        switch reason {
        case sync_reason.SYNC_CONSOLE.rawValue where console < 0: console = descriptor
        case sync_reason.SYNC_NOTIFY.rawValue where listener < 0: listener = descriptor
        default: try protocolError(descriptor)
        }
        return .descriptor(reason: reason)
    }

    private func protocolError(_ descriptor: Int32) throws(Errno) -> Never {
        if descriptor >= 0 { close(descriptor) }
        phase = .ended
        throw Errno(EPROTO)
    }
}
