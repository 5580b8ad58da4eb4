internal import Cgroups
internal import Criu
import Glibc
internal import Kernel

/// A conversation with CRIU about one container.
///
/// Every request ends with its answer or with an error that has CRIU's own words, and with the end
/// of CRIU: nothing of it is left when `run` returns or throws.
final class CriuSession {
    /// CRIU's word about what it has come to, with a descriptor or -1.
    struct Notification {
        var script: String
        /// The process that it is about.
        var pid: Int32
        var descriptor: Int32
    }

    private let process: CriuProcess
    private let log: Log
    /// What ends the conversation when somebody asks for that.
    private let interruption: Interruption
    /// Milliseconds that CRIU has from then on to take back what it did.
    private let patience: Int64
    /// The wish that it ends, once there was one, and when CRIU is killed.
    private var cancelled: (error: RuntimeError, deadline: Deadline)?

    /// Where the log is.
    struct Log {
        var directory: Int32
        var path: String
        var name: String
    }

    /// The oldest version that does all that is asked of it here.
    private static let oldest = Response.Version(3, 16)
    /// The oldest version that leaves the network alone.
    private static let oldestWithoutLock = Response.Version(3, 18)

    /// The process id of CRIU.
    var pid: Int32 { process.pid }

    /// Looks CRIU up as a shell does.
    static func program() throws(RuntimeError) -> String {
        let path = Environment.value("PATH") ?? ProcessBlueprint.defaultSearchPath
        if let program = Environment.findProgram("criu", in: path) { return program }
        throw RuntimeError(
            .system, "checkpoint and restore need criu, and PATH has none (package criu)")
    }

    /// The standard streams of a CRIU that has nothing to pass on.
    static func nullDevice() throws(RuntimeError) -> FileDescriptor {
        do throws(Errno) { return try FileDescriptor.open("/dev/null", O_RDWR) } catch {
            throw RuntimeError(
                .system, "cannot open /dev/null",
                underlying: SystemError("openat", "/dev/null", error))
        }
    }

    /// The options of the cgroup hierarchy, which CRIU drops for the whole machine.
    static func rememberOptions() throws(RuntimeError) -> UnifiedOptions {
        do throws(CgroupError) { return try UnifiedOptions.remember() } catch {
            throw RuntimeError(error)
        }
    }

    /// Starts CRIU.
    ///
    /// - Parameters:
    ///   - request: the program, and the cgroup and mounts that it gets.
    ///   - standard: its descriptors 0, 1 and 2.
    ///   - descriptors: from `CriuProcess.firstDescriptor` on.
    ///   - interruption: what ends the conversation.
    ///   - patience: how many milliseconds CRIU has then to take back what it did, before it is
    ///     killed: it does so when the answer to its next question is no.
    init(
        _ request: SpawnRequest, standard: [Int32], descriptors: [Int32] = [], log: Log,
        interruption: Interruption, patience: Int64
    ) throws(RuntimeError) {
        self.log = log
        self.interruption = interruption
        self.patience = patience
        CriuLog.remove(at: log.directory, log.name)
        do throws(SystemError) {
            process = try CriuProcess(request, standard: standard, descriptors: descriptors)
        } catch {
            throw RuntimeError(.system, "cannot run criu", underlying: error)
        }
    }

    /// Ends CRIU whatever it is doing.
    func kill() { process.kill() }

    /// Asks whether this CRIU, on this kernel, can do what is needed.
    func check(_ settings: CriuSettings, tracksMemory: Bool) throws(RuntimeError) {
        var request = Request(.version)
        request.keepsOpen = true
        let version = try answer(to: request).version ?? Response.Version(0, 0)
        if version < Self.oldest { throw tooOld(version, Self.oldest, "") }
        if settings.networkLock == .skip, version < Self.oldestWithoutLock {
            throw tooOld(version, Self.oldestWithoutLock, " for --network-lock skip")
        }
        guard tracksMemory || settings.lazyPages else { return }
        request = Request(.featureCheck)
        request.keepsOpen = true
        request.features = CriuFeatures(
            tracksMemory: tracksMemory, lazyPages: settings.lazyPages)
        let features = try answer(to: request).features
        if tracksMemory, !features.tracksMemory {
            throw RuntimeError(
                .unsupported, "criu cannot tell changed memory on this kernel (--pre-dump)")
        }
        if settings.lazyPages, !features.lazyPages {
            throw RuntimeError(
                .unsupported, "criu cannot move memory on demand on this kernel (--lazy-pages)")
        }
    }

    private func tooOld(
        _ version: Response.Version, _ oldest: Response.Version, _ purpose: String
    ) -> RuntimeError {
        RuntimeError(
            .unsupported,
            "criu \(version.major).\(version.minor) is too old: "
                + "\(oldest.major).\(oldest.minor) is needed\(purpose)")
    }

    /// Sends a request and waits until it is done and CRIU has ended.
    ///
    /// - Parameter notified: what to do at each notification; when it throws CRIU gives up and the
    ///   error is thrown here.
    /// - Returns: CRIU's last message.
    func run(
        _ request: Request, _ notified: (Notification) throws(RuntimeError) -> Void
    ) throws(RuntimeError) -> Response {
        do throws(RuntimeError) {
            let response = try converse(request, notified)
            let status = try finish()
            // After a dump of the memory alone CRIU waits for the next request, and takes the end
            // of the conversation for a failure.
            if status != .exited(0), request.kind != .preDump {
                throw failure("\(status)")
            }
            return response
        } catch {
            _ = try? finish()
            throw error
        }
    }

    private func finish() throws(RuntimeError) -> WaitStatus {
        do throws(Errno) { return try process.finish() } catch {
            throw RuntimeError(
                .system, "cannot wait for criu", underlying: SystemError("waitid", "", error))
        }
    }

    private func converse(
        _ request: Request, _ notified: (Notification) throws(RuntimeError) -> Void
    ) throws(RuntimeError) -> Response {
        var refusal: RuntimeError?
        try send(request)
        while true {
            let (response, descriptor): (Response, Int32)
            do throws(RuntimeError) {
                (response, descriptor) = try receive(request.kind)
            } catch {
                throw refusal ?? error
            }
            guard response.kind == .notify else {
                if descriptor >= 0 { close(descriptor) }
                if response.kind != request.kind { throw failure("unexpected answer") }
                return response
            }
            var answer = Request(.notify)
            do throws(RuntimeError) {
                if let cancelled { throw cancelled.error }
                try notified(
                    Notification(
                        script: response.script, pid: response.scriptPid ?? 0,
                        descriptor: descriptor))
                answer.success = true
            } catch {
                answer.success = false
                refusal = refusal ?? error
            }
            if descriptor >= 0 { close(descriptor) }
            do throws(RuntimeError) { try send(answer) } catch { throw refusal ?? error }
        }
    }

    private func answer(to request: Request) throws(RuntimeError) -> Response {
        try send(request)
        let (response, descriptor) = try receive(request.kind)
        if descriptor >= 0 { close(descriptor) }
        if response.kind != request.kind { throw failure("unexpected answer") }
        return response
    }

    private func send(_ request: Request) throws(RuntimeError) {
        do throws(Errno) { try process.send(request) } catch {
            throw failure("it ended early")
        }
    }

    /// Waits for a message that is no failure.
    private func receive(_ asked: RequestKind) throws(RuntimeError) -> (Response, Int32) {
        guard let (response, descriptor) = try nextMessage() else { throw died() }
        if response.success || response.kind == .notify { return (response, descriptor) }
        if descriptor >= 0 { close(descriptor) }
        throw failure(
            "type \((response.kind ?? asked).name) errno \(response.errorNumber)",
            response.errorMessage)
    }

    /// Waits for a message, however long CRIU needs; from the wish for the end on only as long as it
    /// may take, or until there is a second one.
    private func nextMessage() throws(RuntimeError) -> (response: Response, descriptor: Int32)? {
        while true {
            do throws(Errno) {
                return try process.receive(
                    interruption: interruption.rawValue, until: cancelled?.deadline ?? .never)
            } catch .interrupted where cancelled == nil && patience > 0 {
                cancelled = (interruption.error(), .after(milliseconds: patience))
            } catch .interrupted, .timedOut {
                process.kill()
                throw cancelled?.error ?? interruption.error()
            } catch {
                throw failure("it does not follow its protocol")
            }
        }
    }

    private func died() -> RuntimeError {
        // A terminal sends its signals to CRIU as well.
        if let cancelled { return cancelled.error }
        if interruption.isPending { return interruption.error() }
        guard let status = try? process.finish() else { return failure("it ended early") }
        return failure("it ended early: \(status)")
    }

    /// `criu failed: REASON: Error (criu/file.c:1): text (log file /work/dump.log)`, on one line:
    /// engines show the first line only.
    ///
    /// - Parameter message: what CRIU said; without an error of its log the log itself is read.
    private func failure(_ reason: String, _ message: String = "") -> RuntimeError {
        var text = "criu failed: \(reason)"
        var errors = CriuLog.failure(in: message)
        if errors.isEmpty {
            if !message.isEmpty { text += ": " + OutputTail.lastLines(Array(message.utf8)) }
            errors = CriuLog.failure(at: log.directory, log.name)
        }
        if !errors.isEmpty { text += ": \(errors)" }
        if Files.exists(at: log.directory, log.name) {
            text += " (log file \(log.path)/\(log.name))"
        }
        return RuntimeError(.system, text)
    }
}
