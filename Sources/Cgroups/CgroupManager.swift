/// The cgroup of one container, whatever the host's layout and whoever makes it.
///
/// Obtained from `CgroupChooser` and used by one thread. A manager keeps the directories open that
/// it works on, so later calls do not resolve paths again.
package protocol CgroupManager: AnyObject {
    /// What the state directory keeps.
    var record: CgroupRecord { get }

    /// What the container sees: its own cgroups, or the caller's, where it stays without any.
    ///
    /// - Throws: when there are none on this host.
    var view: CgroupRecord { get throws(CgroupError) }

    /// What `create` would do, without touching the host.
    ///
    /// - Throws: when a value cannot be expressed on this layout, or a limit needs a controller that
    ///   the host does not have.
    func plan(for resources: CgroupResources) throws(CgroupError) -> CgroupPlan

    /// Makes the cgroup and applies the limits.
    ///
    /// Refuses a cgroup that holds processes or is frozen. On error everything made here is removed.
    /// Returns the plan's warnings.
    @discardableResult
    func create(_ resources: CgroupResources) throws(CgroupError) -> [String]

    /// Takes the new container's first process in, after it was started and before it goes on.
    ///
    /// Nothing to do where the process was born in the cgroup or moves itself. Returns warnings.
    @discardableResult
    func adopt(_ pid: Int32) throws(CgroupError) -> [String]

    /// Moves the container's first process, which has its namespaces by now, into the cgroup that the
    /// container manages itself; nothing to do where none was asked for.
    func handOver(to pid: Int32) throws(CgroupError)

    /// Whether `create` has made the cgroup in every hierarchy, rather than found an empty one.
    var isNew: Bool { get }

    /// Takes back what `create` made, the parents too; for a container that could not be started.
    func undoCreate()

    /// Opens what a new process needs to be born in the cgroup, or to move itself there.
    ///
    /// - Parameters:
    ///   - below: cgroups below the container's, which must exist, for `exec`.
    ///   - neighbour: a process of the container. When the container's own version 2 cgroup takes no
    ///     processes any more because the container, running an init system for one, has handed
    ///     controllers down in it, and no other place was asked for, the new process enters that
    ///     one's cgroup.
    func openEntrances(
        below: [CgroupSubpath], neighbour: Int32?
    ) throws(CgroupError) -> CgroupEntrances

    /// Moves a process into every hierarchy's cgroup.
    ///
    /// Slower than `openEntrances` by a grace period of the kernel (about 10 ms) unless somebody did
    /// the same a moment ago.
    ///
    /// - Parameter below: cgroups below the container's, which must exist, for `exec`.
    func attach(_ pid: Int32, below: [CgroupSubpath]) throws(CgroupError)

    /// Changes limits; a value that is not given stays, and device rules always stay.
    @discardableResult
    func set(_ resources: CgroupResources) throws(CgroupError) -> [String]

    /// Stops every process in the cgroup; returns when the kernel says that all have stopped.
    func freeze() throws(CgroupError)
    /// Lets them go on.
    func thaw() throws(CgroupError)
    /// Whether the cgroup is frozen or on the way there; false when it is gone.
    func isFrozen() throws(CgroupError) -> Bool

    /// The processes in the cgroup, and below it if asked; empty when the cgroup is gone.
    func processes(recursive: Bool) throws(CgroupError) -> [Int32]
    /// Sends a signal to every process in the cgroup and below; `SIGKILL` cannot be escaped by
    /// forking.
    func kill(_ signal: Int32) throws(CgroupError)

    /// Removes the cgroup and all below it; success when it is gone already.
    ///
    /// Waits, within a deadline, for killed processes to leave.
    func remove() throws(CgroupError)

    /// How memory went; read after the container's death, so it never fails.
    func oomFacts() -> CgroupOOMFacts
    /// The figures of `apus events`.
    func stats() throws(CgroupError) -> CgroupStats
}

extension CgroupManager {
    package var view: CgroupRecord { get throws(CgroupError) { record } }

    // systemd refuses a unit that exists, and no cgroup is none that was found.
    package var isNew: Bool { true }

    func adopt(_ pid: Int32) throws(CgroupError) -> [String] { [] }

    func handOver(to pid: Int32) throws(CgroupError) {}

    /// Moves a process into every hierarchy's cgroup.
    package func attach(_ pid: Int32) throws(CgroupError) {
        try attach(pid, below: [])
    }

    /// Opens what a new process needs to be born in the cgroup, or to move itself there.
    package func openEntrances() throws(CgroupError) -> CgroupEntrances {
        try openEntrances(below: [], neighbour: nil)
    }

    /// Opens what a new process needs to be born below the cgroup, or to move itself there.
    package func openEntrances(below: [CgroupSubpath]) throws(CgroupError) -> CgroupEntrances {
        try openEntrances(below: below, neighbour: nil)
    }
}

/// A cgroup below the container's, in some or all of its hierarchies.
package struct CgroupSubpath: Equatable, Sendable {
    /// The version 1 controllers that it speaks of; empty for all hierarchies.
    package var controllers: [String]
    /// Relative to the container's cgroup; `..` is refused.
    package var path: String

    /// A path for some controllers, or for all.
    package init(_ path: String, controllers: [String] = []) {
        self.path = path
        self.controllers = controllers
    }
}

/// What the memory controller says about an end; `nil` where it says nothing.
package struct CgroupOOMFacts: Equatable, Sendable {
    /// Processes killed by the kernel for lack of memory in this cgroup.
    package var oomKills: UInt64?
    /// The memory limit in bytes; `nil` when there is none.
    package var limit: UInt64?
    /// The most memory ever used, in bytes.
    package var peak: UInt64?

    /// Facts.
    package init(oomKills: UInt64? = nil, limit: UInt64? = nil, peak: UInt64? = nil) {
        self.oomKills = oomKills
        self.limit = limit
        self.peak = peak
    }
}
