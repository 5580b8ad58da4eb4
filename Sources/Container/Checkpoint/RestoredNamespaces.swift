internal import Criu
import Glibc
internal import Kernel
internal import OCISpec

/// The namespaces that a restored container joins, open for CRIU.
struct RestoredNamespaces: ~Copyable {
    /// The numbers that CRIU gets, from `CriuProcess.firstDescriptor` on.
    private(set) var descriptors: [Int32] = []

    /// Opens them and tells CRIU of them.
    init(_ blueprint: Blueprint, _ request: inout RequestOptions) throws(RuntimeError) {
        for namespace in blueprint.namespaces.joined {
            let known = ExternalNamespaces.names.first { $0.type == namespace.type }
            if let known {
                let number = CriuProcess.firstDescriptor + Int32(descriptors.count)
                descriptors.append(try Self.open(namespace))
                request.inheritedDescriptors.append(
                    RequestOptions.InheritedDescriptor(key: known.name, descriptor: number))
            } else if namespace.type == .cgroup {
                throw RuntimeError(
                    .unsupported, "criu cannot restore into a cgroup namespace",
                    at: "linux/namespaces/\(namespace.index)", label: namespace.path)
            } else {
                request.joinedNamespaces.append(
                    RequestOptions.JoinedNamespace(
                        kind: namespace.type.kernelName, path: namespace.path))
            }
        }
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
