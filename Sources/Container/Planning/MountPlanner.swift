internal import Cgroups
internal import Kernel
internal import OCISpec

/// Plans `mounts`, in the order of the configuration.
enum MountPlanner {
    /// The slots of the trees that the parent clones, by position in the blueprint's mounts.
    ///
    /// Not a dictionary: its first use searches the conformances of the whole program.
    typealias Trees = [[PlanOp.Slot]]

    /// Clones the sources of bind mounts.
    ///
    /// The parent does it because it has the rights to look at every path, and because a descriptor
    /// cannot be exchanged under us as a path can.
    ///
    /// - Parameter isCreation: no process of the container runs yet; what mounts of the list before
    ///   it bring into its place is cloned by the init stage when its turn comes.
    static func openTrees(
        _ blueprint: Blueprint, _ cgroup: CgroupRecord, isCreation: Bool = true,
        _ plan: inout Plan
    ) -> Trees {
        var trees = Trees(repeating: [], count: blueprint.mounts.count)
        guard !blueprint.facts.isRootless else { return trees }
        for (position, mount) in blueprint.mounts.enumerated() {
            switch mount.kind {
            case .bind(let source)
            where !isCreation || coveredSource(source, at: position, blueprint) == nil:
                let tree = tree(mount, source, blueprint, slot: plan.newSlot())
                plan.host(.openTree(tree), mount.location, label: mount.destination)
                trees[position] = [tree.slot]
            case .cgroup where !blueprint.namespaces.makes(.cgroup) && hasCertainCgroup(blueprint):
                trees[position] = CgroupMountPlanner.openTrees(mount, cgroup, &plan)
            default: break
            }
        }
        return trees
    }

    /// The in-root path of a source that a mount before it in the list covers or, for a whole tree,
    /// reaches into; nil for all others, and where a mapping has to be put on the tree.
    ///
    /// Without privileges that of every source below the root: links of the image are the image's, and
    /// no parent opens it (`BindSource`).
    private static func coveredSource(
        _ source: String, at position: Int, _ blueprint: Blueprint
    ) -> String? {
        let mount = blueprint.mounts[position]
        let root = blueprint.rootPath
        let source = PathText.normalize(source)
        guard !mount.isIDMapped, source == root || PathText.isBelow(source, root) else {
            return nil
        }
        let inner = source == root ? "/" : String(source.dropFirst(root == "/" ? 0 : root.count))
        let isCovered = blueprint.mounts.prefix(position).contains { other in
            guard !other.options.isRemount else { return false }
            return other.destination == inner || PathText.isBelow(inner, other.destination)
                || mount.options.bind == .recursive && PathText.isBelow(other.destination, inner)
        }
        let isOfImage = blueprint.facts.isRootless && source != root
        return isCovered || isOfImage ? PathText.inRoot(inner) : nil
    }

    /// Whether the container's own cgroups exist for sure: those that nobody asked for are left out
    /// where the rights are missing.
    static func hasCertainCgroup(_ blueprint: Blueprint) -> Bool {
        blueprint.cgroupsPath != nil || !blueprint.facts.toleratesCgroups
    }

    private static func tree(
        _ mount: MountBlueprint, _ source: String, _ blueprint: Blueprint, slot: PlanOp.Slot
    ) -> HostStep.Tree {
        let options = mount.options
        var propagations = [RootPlanner.basePropagation(blueprint) | MS_REC]
        if blueprint.rootfsPropagation == .shared || blueprint.rootfsPropagation == .rshared {
            // A shared root is how an engine says that mounts travel back to the host.
            propagations = []
        }
        if options.propagation != 0 { propagations.append(options.propagation) }
        return HostStep.Tree(
            slot: slot, source: source, root: blueprint.rootPath,
            isRecursive: options.bind == .recursive, attributes: options.attributes,
            recursive: options.recursive,
            propagations: propagations, idmap: idmap(mount, blueprint))
    }

    /// The mappings of the mount itself, or those of the container's user namespace.
    private static func idmap(_ mount: MountBlueprint, _ blueprint: Blueprint) -> HostStep.IDMap? {
        guard mount.isIDMapped else { return nil }
        let isRecursive = mount.options.idmap == .recursive
        var source = HostStep.IDMap.Source.mappings(
            uid: mount.uidMappings, gid: mount.gidMappings)
        if mount.uidMappings.isEmpty {
            let joined = blueprint.namespaces.joined.first { $0.type == .user }
            source =
                joined.map { .namespace(path: $0.path) }
                ?? .mappings(uid: blueprint.uidMappings, gid: blueprint.gidMappings)
        }
        return HostStep.IDMap(source: source, isRecursive: isRecursive)
    }

    /// Makes all mounts.
    ///
    /// - Parameter isCreation: read-only ones turn so later; otherwise they are so from the start.
    static func mounts(
        _ blueprint: Blueprint, _ cgroup: CgroupRecord, _ trees: Trees, isCreation: Bool = true,
        _ plan: inout Plan
    ) {
        let late = LateReadOnly(blueprint.mounts)
        for (position, mount) in blueprint.mounts.enumerated() {
            if isCreation { late.apply(.before(position), &plan) }
            switch mount.kind {
            case .bind(let source):
                let slot = trees[position].first
                let inner = slot == nil ? coveredSource(source, at: position, blueprint) : nil
                bind(mount, source, slot: slot, inner: inner, &plan)
            case .cgroup:
                CgroupMountPlanner.mount(mount, cgroup, trees[position], blueprint, &plan)
            case .filesystem(let type, let source):
                let isLate = isCreation && LateReadOnly.concerns(position, in: blueprint.mounts)
                filesystem(mount, type, source, isLate: isLate, blueprint, &plan)
            }
        }
    }

    private static func bind(
        _ mount: MountBlueprint, _ source: String, slot: PlanOp.Slot?, inner: String?,
        _ plan: inout Plan
    ) {
        let options = mount.options
        var bind = PlanOp.Bind(
            slot: slot, source: inner ?? source, target: PathText.inRoot(mount.destination),
            isRecursive: options.bind == .recursive, isSourceInRoot: inner != nil)
        if slot == nil {
            bind.attributes = options.attributes
            bind.propagation = options.propagation
        }
        plan.add(.bind(bind), mount.location, label: mount.destination)
        if slot == nil { recursiveAttributes(mount, &plan) }
    }

    private static func filesystem(
        _ mount: MountBlueprint, _ type: String, _ source: String, isLate: Bool,
        _ blueprint: Blueprint, _ plan: inout Plan
    ) {
        let options = mount.options
        let target = PathText.inRoot(mount.destination)
        if let data = mountCallData(mount, blueprint) {
            var flags = options.legacyFlags
            if isLate { flags &= ~MS_RDONLY }
            plan.add(
                .mountLegacy(
                    type: type, source: source, target: target, data: data, flags: flags,
                    propagation: options.propagation),
                mount.location, label: mount.destination)
        } else {
            let substitute = RefusedMount.substitute(type, blueprint)
            plan.add(
                .mount(newMount(mount, type, source, target, isLate: isLate, blueprint)),
                mount.location, label: mount.destination, flags: substitute == nil ? [] : .refusable
            )
            if let substitute {
                RefusedMount.bind(substitute, mount, isReadOnly: type == "sysfs", &plan)
            }
            MountLabel.relabel(blueprint, mount, type: type, &plan)
        }
        recursiveAttributes(mount, isLate: isLate, &plan)
    }

    /// The options of a file system that only `mount(2)` can mount; nil for all others.
    static func mountCallData(_ mount: MountBlueprint, _ blueprint: Blueprint) -> String? {
        let options = mount.options
        guard case .filesystem(let type, let source) = mount.kind,
            needsMountCall(type, source, options)
        else { return nil }
        let label =
            options.isRemount
            ? []
            : MountLabel.options(blueprint, type: type, isQuoted: true, besides: options.data)
        return (options.data + label).joined(separator: ",")
    }

    /// Whether only `mount(2)` can do it.
    ///
    /// Change counters and silence mean nothing to a file system without a disk, and the checks of
    /// its target are those of the other way. The kernel copies at most 255 bytes for a value of
    /// `fsconfig(2)`, and the layers of an overlay that an engine makes are longer; `mount(2)`
    /// takes a page for all options.
    private static func needsMountCall(
        _ type: String, _ source: String, _ options: MountOptions
    ) -> Bool {
        if options.isRemount { return true }
        if virtualTypes.contains(type) { return false }
        return options.legacy != 0 || source.utf8.count > maximumConfigValue
            || options.data.contains { isLong($0) }
    }

    /// The longest value that the kernel copies for `FSCONFIG_SET_STRING` (fs/fsopen.c).
    private static let maximumConfigValue = 255

    private static func isLong(_ option: String) -> Bool {
        guard option.utf8.count > maximumConfigValue else { return false }
        let name = option.utf8.prefix { $0 != UInt8(ascii: "=") }.count
        return option.utf8.count - name - 1 > maximumConfigValue
    }

    /// File systems whose superblock belongs to a namespace or to memory: there the mount is made
    /// read-only and the superblock is left alone.
    ///
    /// A disk must not be written at all.
    private static let virtualTypes = [
        "tmpfs", "proc", "sysfs", "devpts", "mqueue", "cgroup", "cgroup2", "bpf", "ramfs",
        "debugfs", "tracefs", "securityfs", "configfs", "hugetlbfs", "binfmt_misc", "fusectl",
        "devtmpfs",
    ]

    private static func newMount(
        _ mount: MountBlueprint, _ type: String, _ source: String, _ target: String,
        isLate: Bool, _ blueprint: Blueprint
    ) -> PlanOp.NewMount {
        let options = mount.options
        var list = options.superblock
        list += type == "tmpfs" ? options.data.flatMap(tmpfsOptions) : options.data
        list += MountLabel.options(blueprint, type: type, besides: list)
        if options.isReadOnly && !isLate && !virtualTypes.contains(type) { list.append("ro") }
        var attributes = options.attributes.set
        if isLate { attributes &= ~MOUNT_ATTR_RDONLY }
        return PlanOp.NewMount(
            type: type, source: source, target: target, options: list, attributes: attributes,
            propagation: options.propagation, copiesUp: options.copiesUp,
            targetIsStrict: type == "proc" || type == "sysfs",
            takesOverMode: type == "tmpfs" && !options.data.contains { $0.hasPrefix("mode=") })
    }

    /// The options of tmpfs in one string, as `mount(8)` takes them.
    ///
    /// A comma that no name follows is part of a value: `mpol=bind:0,2`, or a label.
    private static func tmpfsOptions(_ text: String) -> [String] {
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let parts = text.split(separator: ",")
        let labels = ["context=", "fscontext=", "defcontext=", "rootcontext="]
        if parts.contains(where: { part in labels.contains { part.hasPrefix($0) } }) {
            return [text]
        }
        var result: [String] = []
        for part in parts {
            if let first = part.utf8.first, !letters.contains(first), let last = result.popLast() {
                result.append(last + "," + part)
            } else {
                result.append(String(part))
            }
        }
        return result
    }

    static func recursiveAttributes(
        _ mount: MountBlueprint, isLate: Bool = false, _ plan: inout Plan
    ) {
        var attributes = mount.options.recursive
        if isLate { attributes.set &= ~MOUNT_ATTR_RDONLY }
        guard !attributes.isEmpty else { return }
        plan.add(
            .setAttributes(
                target: PathText.inRoot(mount.destination), attributes, propagation: 0,
                isRecursive: true),
            mount.location, label: mount.destination)
    }
}
