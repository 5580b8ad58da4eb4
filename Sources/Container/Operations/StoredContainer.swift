package import Cgroups
import Glibc
package import Kernel
package import OCISpec

/// A container as its state directory remembers it.
package struct StoredContainer {
    package let record: ContainerRecord
    // Not a Result: its metadata searches the conformances of the whole program.
    private let openManager: (any CgroupManager)?
    private let managerError: CgroupError?

    /// Reads the record of an open state directory.
    ///
    /// - Throws: `wrongState` when it is being created or removed; `damaged` when there is no record
    ///   that can be used: `create` was killed before it made anything, or somebody was at the file.
    package init(_ directory: borrowing StateDirectory, _ id: String) throws(RuntimeError) {
        let found: ContainerRecord?
        do throws(RuntimeError) { found = try directory.readRecord() } catch {
            if error.code != .damaged { throw error }
            throw error.reworded(error.message + Self.remedy)
        }
        guard let record = found else {
            if directory.isBusy {
                throw RuntimeError(
                    .wrongState, "container \(quoted(id)) is being created or removed")
            }
            throw RuntimeError(
                .damaged, "container \(quoted(id)) was never created" + Self.remedy)
        }
        self.record = record
        do throws(CgroupError) {
            openManager = try CgroupChooser.open(record.cgroup)
            managerError = nil
        } catch {
            openManager = nil
            managerError = error
        }
    }

    /// The manager of its cgroup.
    package func manager() throws(RuntimeError) -> any CgroupManager {
        if let openManager { return openManager }
        throw managerError.map { RuntimeError($0) } ?? Self.notRunning
    }

    /// Where in its life it is.
    package func status(in directory: borrowing StateDirectory) -> ContainerStatus {
        directory.status(of: record) {
            guard let openManager else { return false }
            return (try? openManager.isFrozen()) ?? false
        }
    }

    /// Its process, checked to be the one that was started.
    ///
    /// - Throws: `wrongState` with `container not running`, which engines match.
    package func open() throws(RuntimeError) -> Pidfd {
        guard let identity = record.process else { throw Self.notRunning }
        do throws(Errno) { return try identity.open() } catch { throw Self.notRunning }
    }

    /// What helps against a record that cannot be used.
    private static var remedy: String { " (delete --force removes what is left of it)" }

    package static let notRunning = RuntimeError(
        .wrongState, "container not running: no such process")

    /// The state that its hooks read.
    func hookState(_ status: ContainerStatus) -> [UInt8] {
        let state = HookState(
            id: record.id, ociVersion: record.ociVersion, bundle: record.bundle,
            annotations: record.annotations ?? [])
        return Array(
            state.text(status: status, pid: status == .stopped ? nil : record.process?.pid).utf8)
    }
}
