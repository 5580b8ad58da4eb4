/// Every property of runtime-spec 1.3.0 that concerns Linux.
enum Checklist {
    /// The objects whose keys are free.
    static let maps: Set<String> = [
        "/annotations", "/linux/sysctl", "/linux/netDevices", "/linux/resources/rdma",
        "/linux/resources/unified",
    ]

    /// The pointers of the properties, `*` for an index or a free key.
    static let properties: Set<String> = {
        var properties: Set<String> = []
        for (object, names) in objects {
            for name in names.split(separator: " ") { properties.insert(object + "/" + name) }
        }
        return properties
    }()

    /// The properties that an object must have, once it is there.
    static let required: Set<String> = [
        "/ociVersion", "/process/cwd", "/root/path", "/process/consoleSize/height",
        "/process/consoleSize/width", "/process/rlimits/*/type", "/process/rlimits/*/soft",
        "/process/rlimits/*/hard", "/process/ioPriority/class", "/process/scheduler/policy",
        "/mounts/*/destination", "/mounts/*/uidMappings/*/containerID",
        "/mounts/*/uidMappings/*/hostID", "/mounts/*/uidMappings/*/size",
        "/mounts/*/gidMappings/*/containerID", "/mounts/*/gidMappings/*/hostID",
        "/mounts/*/gidMappings/*/size", "/hooks/prestart/*/path", "/hooks/createRuntime/*/path",
        "/hooks/createContainer/*/path", "/hooks/startContainer/*/path",
        "/hooks/poststart/*/path", "/hooks/poststop/*/path", "/linux/uidMappings/*/containerID",
        "/linux/uidMappings/*/hostID", "/linux/uidMappings/*/size",
        "/linux/gidMappings/*/containerID", "/linux/gidMappings/*/hostID",
        "/linux/gidMappings/*/size", "/linux/resources/devices/*/allow",
        "/linux/resources/blockIO/weightDevice/*/major",
        "/linux/resources/blockIO/weightDevice/*/minor",
        "/linux/resources/blockIO/throttleReadBpsDevice/*/major",
        "/linux/resources/blockIO/throttleReadBpsDevice/*/minor",
        "/linux/resources/blockIO/throttleReadBpsDevice/*/rate",
        "/linux/resources/blockIO/throttleWriteBpsDevice/*/major",
        "/linux/resources/blockIO/throttleWriteBpsDevice/*/minor",
        "/linux/resources/blockIO/throttleWriteBpsDevice/*/rate",
        "/linux/resources/blockIO/throttleReadIOPSDevice/*/major",
        "/linux/resources/blockIO/throttleReadIOPSDevice/*/minor",
        "/linux/resources/blockIO/throttleReadIOPSDevice/*/rate",
        "/linux/resources/blockIO/throttleWriteIOPSDevice/*/major",
        "/linux/resources/blockIO/throttleWriteIOPSDevice/*/minor",
        "/linux/resources/blockIO/throttleWriteIOPSDevice/*/rate",
        "/linux/resources/hugepageLimits/*/pageSize", "/linux/resources/hugepageLimits/*/limit",
        "/linux/resources/network/priorities/*/name",
        "/linux/resources/network/priorities/*/priority", "/linux/namespaces/*/type",
        "/linux/devices/*/path", "/linux/devices/*/type", "/linux/seccomp/defaultAction",
        "/linux/seccomp/syscalls/*/names", "/linux/seccomp/syscalls/*/action",
        "/linux/seccomp/syscalls/*/args/*/index", "/linux/seccomp/syscalls/*/args/*/value",
        "/linux/seccomp/syscalls/*/args/*/op", "/linux/memoryPolicy/mode",
        "/linux/personality/domain",
    ]

    private static let objects: [(object: String, names: String)] = [
        ("", "ociVersion process root hostname domainname mounts hooks annotations linux"),
        (
            "/process",
            """
            terminal consoleSize user args commandLine env cwd capabilities rlimits \
            noNewPrivileges apparmorProfile oomScoreAdj selinuxLabel ioPriority scheduler \
            execCPUAffinity
            """
        ),
        ("/process/consoleSize", "height width"),
        ("/process/user", "uid gid umask additionalGids username"),
        ("/process/capabilities", "bounding effective inheritable permitted ambient"),
        ("/process/rlimits/*", "type soft hard"),
        ("/process/ioPriority", "class priority"),
        ("/process/scheduler", "policy nice priority flags runtime deadline period"),
        ("/process/execCPUAffinity", "initial final"),
        ("/root", "path readonly"),
        ("/mounts/*", "destination type source options uidMappings gidMappings"),
        ("/mounts/*/uidMappings/*", "containerID hostID size"),
        ("/mounts/*/gidMappings/*", "containerID hostID size"),
        ("/hooks", "prestart createRuntime createContainer startContainer poststart poststop"),
        ("/hooks/prestart/*", "path args env timeout"),
        ("/hooks/createRuntime/*", "path args env timeout"),
        ("/hooks/createContainer/*", "path args env timeout"),
        ("/hooks/startContainer/*", "path args env timeout"),
        ("/hooks/poststart/*", "path args env timeout"),
        ("/hooks/poststop/*", "path args env timeout"),
        ("/annotations", "*"),
        (
            "/linux",
            """
            uidMappings gidMappings sysctl resources cgroupsPath namespaces devices \
            netDevices seccomp rootfsPropagation maskedPaths readonlyPaths mountLabel \
            intelRdt memoryPolicy personality timeOffsets
            """
        ),
        ("/linux/uidMappings/*", "containerID hostID size"),
        ("/linux/gidMappings/*", "containerID hostID size"),
        ("/linux/sysctl", "*"),
        ("/linux/resources", "devices memory cpu pids blockIO hugepageLimits network rdma unified"),
        ("/linux/resources/devices/*", "allow type major minor access"),
        (
            "/linux/resources/memory",
            """
            limit reservation swap kernel kernelTCP swappiness disableOOMKiller useHierarchy \
            checkBeforeUpdate
            """
        ),
        (
            "/linux/resources/cpu",
            """
            shares quota burst period realtimeRuntime realtimePeriod cpus mems idle
            """
        ),
        ("/linux/resources/pids", "limit"),
        (
            "/linux/resources/blockIO",
            """
            weight leafWeight weightDevice throttleReadBpsDevice throttleWriteBpsDevice \
            throttleReadIOPSDevice throttleWriteIOPSDevice
            """
        ),
        ("/linux/resources/blockIO/weightDevice/*", "major minor weight leafWeight"),
        ("/linux/resources/blockIO/throttleReadBpsDevice/*", "major minor rate"),
        ("/linux/resources/blockIO/throttleWriteBpsDevice/*", "major minor rate"),
        ("/linux/resources/blockIO/throttleReadIOPSDevice/*", "major minor rate"),
        ("/linux/resources/blockIO/throttleWriteIOPSDevice/*", "major minor rate"),
        ("/linux/resources/hugepageLimits/*", "pageSize limit"),
        ("/linux/resources/network", "classID priorities"),
        ("/linux/resources/network/priorities/*", "name priority"),
        ("/linux/resources/rdma", "*"),
        ("/linux/resources/rdma/*", "hcaHandles hcaObjects"),
        ("/linux/resources/unified", "*"),
        ("/linux/namespaces/*", "type path"),
        ("/linux/devices/*", "path type major minor fileMode uid gid"),
        ("/linux/netDevices", "*"),
        ("/linux/netDevices/*", "name"),
        (
            "/linux/seccomp",
            """
            defaultAction defaultErrnoRet architectures flags listenerPath listenerMetadata \
            syscalls
            """
        ),
        ("/linux/seccomp/syscalls/*", "names action errnoRet args"),
        ("/linux/seccomp/syscalls/*/args/*", "index value valueTwo op"),
        ("/linux/intelRdt", "closID schemata l3CacheSchema memBwSchema enableMonitoring"),
        ("/linux/memoryPolicy", "mode nodes flags"),
        ("/linux/personality", "domain flags"),
        ("/linux/timeOffsets", "monotonic boottime"),
        ("/linux/timeOffsets/monotonic", "secs nanosecs"),
        ("/linux/timeOffsets/boottime", "secs nanosecs"),
    ]
}
