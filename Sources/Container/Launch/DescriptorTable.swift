import Glibc
package import Kernel

/// The descriptors that the init stage gets, by slot; closed together.
package final class DescriptorTable {
    private var numbers: [Int32]

    /// A table with that many empty places.
    package init(count: Int) {
        numbers = [Int32](repeating: -1, count: count)
    }

    deinit {
        for number in numbers where number >= 0 { _ = close(number) }
    }

    /// Puts a descriptor into its place.
    package func put(_ descriptor: consuming FileDescriptor, at slot: Int) {
        numbers[slot] = descriptor.take()
    }

    /// All numbers in the order of the slots.
    ///
    /// Every place is filled when the plan was followed.
    package var all: [Int32] { numbers }
}
