import CDBus
internal import CDBusSupport
import Glibc
import Kernel

/// What a bus or the service behind it answered.
struct BusError: Error, Equatable, Sendable {
    /// Such as `org.freedesktop.systemd1.UnitExists`.
    var name: String
    var message: String

    static let noMemory = BusError(
        name: "org.freedesktop.DBus.Error.NoMemory", message: "no memory")

    /// Whether the error is one of systemd's own.
    func isSystemd(_ short: String) -> Bool { name == "org.freedesktop.systemd1." + short }
}

/// A connection to the service manager: the system's, or that of the calling user.
///
/// Opened where it is needed and closed with this object. Every wait ends at the deadline.
final class SystemdBus {
    /// How long systemd may take, all in all.
    static let patience: Int64 = 30_000

    private let connection: OpaquePointer
    private let deadline: Deadline

    /// Connects.
    ///
    /// - Parameter isUser: the manager of the calling user (`systemd --user`).
    init(isUser: Bool) throws(BusError) {
        deadline = .after(milliseconds: Self.patience)
        let address = isUser ? try Self.userAddress() : Self.systemAddress()
        // libdbus tells the bus a uid as the caller's namespace counts, but the bus counts as its own
        // does, and both must agree.
        let outer = OuterUser.uid()
        cds_pretend_euid(outer, outer == geteuid() ? 0 : 1)
        defer { cds_pretend_euid(0, 0) }
        connection = try Self.reported { error in dbus_connection_open_private(address, error) }
        dbus_connection_set_exit_on_disconnect(connection, 0)
        // From here on a throw ends in `deinit`, which closes the connection.
        let opened = connection
        try Self.check { error in dbus_bus_register(opened, error) }
        if isUser { try awaitManager() }
    }

    deinit {
        dbus_connection_close(connection)
        dbus_connection_unref(connection)
    }

    // Connecting may start the bus, and the user's manager comes to it a moment after its first client;
    // a manager leaves the bus for a moment while it reads its units again. When it does not come, the
    // call that follows says what is missing.
    private func awaitManager() throws(BusError) {
        if try hasManager() { return }
        let rule = "type='signal',member='NameOwnerChanged',arg0='\(BusMessage.destination)'"
        let (connection, end) = (connection, Deadline.after(milliseconds: 5_000))
        try Self.check { error in
            dbus_bus_add_match(connection, rule, error)
            return 0
        }
        while try !hasManager() {
            // What came with an answer wakes nobody any more.
            if let raw = dbus_connection_pop_message(connection) {
                _ = BusMessage(taking: raw)
                continue
            }
            let left = end.pollTimeout
            guard left > 0, dbus_connection_read_write(connection, left) != 0 else { return }
        }
    }

    private func hasManager() throws(BusError) -> Bool {
        let connection = connection
        var answer: dbus_bool_t = 0
        try Self.check { error in
            answer = dbus_bus_name_has_owner(connection, BusMessage.destination, error)
            return 0
        }
        return answer != 0
    }

    private static func systemAddress() -> String {
        Environment.value("DBUS_SYSTEM_BUS_ADDRESS") ?? "unix:path=/run/dbus/system_bus_socket"
    }

    private static func userAddress() throws(BusError) -> String {
        if let address = Environment.value("DBUS_SESSION_BUS_ADDRESS"), !address.isEmpty {
            return address
        }
        guard let directory = Environment.value("XDG_RUNTIME_DIR"), !directory.isEmpty,
            let escaped = dbus_address_escape_value(directory + "/bus")
        else {
            throw BusError(
                name: "org.freedesktop.DBus.Error.NoServer",
                message: "neither DBUS_SESSION_BUS_ADDRESS nor XDG_RUNTIME_DIR is set")
        }
        defer { dbus_free(escaped) }
        return "unix:path=" + String(cString: escaped)
    }
}

// MARK: - Calls

extension SystemdBus {
    /// The number in the manager's version; 0 when it cannot be read.
    func version() throws(BusError) -> Int {
        let text = try property("Version", BusMessage.managerPath, BusMessage.managerInterface)
        let digits = text.utf8.drop { !Self.isDigit($0) }.prefix(while: Self.isDigit)
        return Int(Substring(digits)) ?? 0
    }

    /// Starts a transient unit and waits until it is there.
    func start(_ unit: String, _ properties: [UnitProperty]) throws(BusError) {
        try listen()
        let call = try BusMessage(call: "StartTransientUnit")
        try call.append(unit, "replace")
        try call.append(properties)
        try call.appendNoUnits()
        try finish(try send(call), "start", unit)
    }

    /// Stops a unit and waits for its end; success when there is none.
    func stop(_ unit: String) throws(BusError) {
        try listen()
        let call = try BusMessage(call: "StopUnit")
        try call.append(unit, "replace")
        do throws(BusError) {
            try finish(try send(call), "stop", unit)
        } catch  where error.isSystemd("NoSuchUnit") {
            return
        }
    }

    /// Makes systemd forget that a unit failed, which also frees its name.
    func resetFailed(_ unit: String) throws(BusError) {
        let call = try BusMessage(call: "ResetFailedUnit")
        try call.append(unit)
        do throws(BusError) { _ = try send(call) } catch  where error.isSystemd("NoSuchUnit") {}
    }

    /// Changes properties of a unit until it ends.
    func set(_ unit: String, _ properties: [UnitProperty]) throws(BusError) {
        let call = try BusMessage(call: "SetUnitProperties")
        try call.append(unit)
        try call.append(true)
        try call.append(properties)
        _ = try send(call)
    }

    /// Moves a process into a unit's cgroup, or into one below it.
    func attach(_ pid: Int32, to unit: String, below path: String) throws(BusError) {
        let call = try BusMessage(call: "AttachProcessesToUnit")
        try call.append(unit, path)
        try call.append([UInt32(pid)])
        _ = try send(call)
    }

    /// The cgroup of a unit, as the kernel names it.
    func controlGroup(of unit: String) throws(BusError) -> String {
        let call = try BusMessage(call: "GetUnit")
        try call.append(unit)
        let path = try send(call).first ?? ""
        let kind = unit.hasSuffix(".slice") ? "Slice" : "Scope"
        return try property("ControlGroup", path, "org.freedesktop.systemd1." + kind)
    }

    private func property(
        _ name: String, _ path: String, _ interface: String
    ) throws(BusError) -> String {
        let call = try BusMessage(
            call: "Get", path: path, interface: "org.freedesktop.DBus.Properties")
        try call.append(interface, name)
        return try send(call).first ?? ""
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
}

// MARK: - Jobs

extension SystemdBus {
    // The manager tells of jobs only while somebody listens.
    private func listen() throws(BusError) {
        let rule =
            "type='signal',interface='\(BusMessage.managerInterface)',member='JobRemoved',"
            + "path='\(BusMessage.managerPath)'"
        let connection = connection
        try Self.check { error in
            dbus_bus_add_match(connection, rule, error)
            return 0
        }
        do throws(BusError) {
            _ = try send(try BusMessage(call: "Subscribe"))
        } catch  where error.isSystemd("AlreadySubscribed") {}
    }

    // Waits for the end of the job that a call returned. The signal says which and how:
    // JobRemoved(u id, o job, s unit, s result).
    private func finish(
        _ reply: [String], _ verb: String, _ unit: String
    ) throws(BusError) {
        guard let job = reply.first else { return }
        while true {
            while let raw = dbus_connection_pop_message(connection) {
                let message = BusMessage(taking: raw)
                guard message.isSignal("JobRemoved") else { continue }
                let texts = message.texts()
                guard texts.first == job else { continue }
                let result = texts.last ?? ""
                if result == "done" || (verb == "stop" && result != "timeout") { return }
                throw BusError(
                    name: "org.freedesktop.systemd1.JobFailed",
                    message: "the job to \(verb) \(unit) ended as \"\(result)\"")
            }
            let left = deadline.pollTimeout
            guard left > 0, dbus_connection_read_write(connection, left) != 0 else {
                throw BusError(
                    name: "org.freedesktop.DBus.Error.Timeout",
                    message: "no end of the job to \(verb) \(unit)")
            }
        }
    }

    // Sends a call and returns the strings of its answer.
    //
    // systemd has no name on the bus for a moment while it reads its units again. Nobody got the call
    // then, so it is made once more.
    private func send(_ call: borrowing BusMessage) throws(BusError) -> [String] {
        do throws(BusError) {
            return try sendOnce(call)
        } catch  where error.name == "org.freedesktop.DBus.Error.NameHasNoOwner" {
            try awaitManager()
            return try sendOnce(call)
        }
    }

    private func sendOnce(_ call: borrowing BusMessage) throws(BusError) -> [String] {
        let (connection, raw, left) = (connection, call.raw, max(1, deadline.pollTimeout))
        let reply = try Self.reported { error in
            dbus_connection_send_with_reply_and_block(connection, raw, left, error)
        }
        return BusMessage(taking: reply).texts()
    }
}

// MARK: - Errors

extension SystemdBus {
    private static func reported(
        _ body: (UnsafeMutablePointer<DBusError>) -> OpaquePointer?
    ) throws(BusError) -> OpaquePointer {
        var result: OpaquePointer?
        try check { error in
            result = body(error)
            return result == nil ? 0 : 1
        }
        guard let result else { throw BusError.noMemory }
        return result
    }

    private static func check(
        _ body: (UnsafeMutablePointer<DBusError>) -> dbus_bool_t
    ) throws(BusError) {
        var error = DBusError()
        dbus_error_init(&error)
        _ = body(&error)
        defer { dbus_error_free(&error) }
        guard dbus_error_is_set(&error) != 0 else { return }
        throw BusError(
            name: error.name.map { String(cString: $0) } ?? "",
            message: error.message.map { String(cString: $0) } ?? "")
    }
}
