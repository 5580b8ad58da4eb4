internal import Kernel
package import OCISpec

/// What this runtime and this host can do with system call filters, for `features`.
package enum SeccompSupport {
    /// All actions; the kernel refuses those that it does not know.
    package static var actions: [SeccompAction] { SeccompAction.allCases }

    /// All operators.
    package static var operators: [SeccompOperator] { SeccompOperator.allCases }

    /// The architectures that the linked libseccomp knows.
    package static var architectures: [SeccompArchitecture] {
        SeccompArchitecture.allCases.filter { $0.token != nil }
    }

    /// The flags that the runtime knows.
    package static var knownFlags: [SeccompFlag] { SeccompFlag.allCases }

    /// The flags that the running kernel takes.
    package static var supportedFlags: [SeccompFlag] {
        knownFlags.filter { flag in
            // This one is only taken together with a listener.
            let context: SeccompFlagSet = flag == .waitKillableRecv ? .newListener : []
            return SeccompLoader.isKnown(flag.kernelFlag.union(context))
        }
    }

    /// The object of the features document (runtime-spec, features-linux, "seccomp").
    package static func features() -> SeccompFeatures {
        SeccompFeatures(
            enabled: true, actions: actions, operators: operators, archs: architectures,
            knownFlags: knownFlags, supportedFlags: supportedFlags)
    }
}
