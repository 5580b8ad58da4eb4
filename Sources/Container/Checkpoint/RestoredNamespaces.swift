internal import Criu
import Glibc
internal import Kernel
internal import OCISpec

/// The namespaces that a restored container joins, open for CRIU.
struct RestoredNamespaces: ~Copyable {
    /// In the order of the numbers that they get there, from `CriuProcess.firstDescriptor` on.
    private(set) var descriptors: [Int32] = []
    private var inherited: [RequestOptions.InheritedDescriptor] = []
    private var joined: [RequestOptions.JoinedNamespace] = []

    /// Refuses namespaces that CRIU brings nobody back into: a container must not be saved and end
    /// when that was for nothing.
    static func check(_ namespaces: NamespaceSet) throws(RuntimeError) {
        for namespace in namespaces.joined
        where namespace.type == .cgroup || namespace.type == .user {
            throw RuntimeError(
                .unsupported,
                "criu cannot restore into a \(namespace.type.kernelName) namespace of others",
                at: "linux/namespaces/\(namespace.index)", label: namespace.path)
        }
    }

    /// Opens them.
    init(_ blueprint: Blueprint) throws(RuntimeError) {
        try Self.check(blueprint.namespaces)
        for namespace in blueprint.namespaces.joined {
            let known = ExternalNamespaces.names.first { $0.type == namespace.type }
            if let known {
                let number = CriuProcess.firstDescriptor + Int32(descriptors.count)
                descriptors.append(try Self.open(namespace))
                inherited.append(
                    RequestOptions.InheritedDescriptor(key: known.name, descriptor: number))
            } else {
                joined.append(
                    RequestOptions.JoinedNamespace(
                        kind: namespace.type.kernelName, path: namespace.path))
            }
        }
    }

    /// Tells CRIU of them.
    borrowing func describe(to request: inout RequestOptions) {
        request.inheritedDescriptors += inherited
        request.joinedNamespaces += joined
    }

    deinit {
        for number in descriptors { _ = close(number) }
    }

    private static func open(_ namespace: NamespaceSet.Joined) throws(RuntimeError) -> Int32 {
        do throws(Errno) {
            return try FileDescriptor.open(namespace.path, O_RDONLY).take()
        } catch {
            throw RuntimeError(
                .system, "cannot open namespace", at: "linux/namespaces/\(namespace.index)",
                underlying: SystemError("openat", namespace.path, error))
        }
    }
}
