/// Block I/O limits (`/linux/resources/blockIO`).
package struct BlockIO: Sendable, Equatable {
    /// The weight, 10 to 1000.
    package var weight: UInt16?
    /// The weight of the cgroup's own tasks against its children.
    package var leafWeight: UInt16?
    /// Weights per device.
    package var weightDevice: [WeightDevice]?
    /// Bytes read per second.
    package var throttleReadBpsDevice: [ThrottleDevice]?
    /// Bytes written per second.
    package var throttleWriteBpsDevice: [ThrottleDevice]?
    /// Reads per second.
    package var throttleReadIOPSDevice: [ThrottleDevice]?
    /// Writes per second.
    package var throttleWriteIOPSDevice: [ThrottleDevice]?

    /// Creates a value; what is not given is absent.
    package init(
        weight: UInt16? = nil, leafWeight: UInt16? = nil, weightDevice: [WeightDevice]? = nil,
        throttleReadBpsDevice: [ThrottleDevice]? = nil,
        throttleWriteBpsDevice: [ThrottleDevice]? = nil,
        throttleReadIOPSDevice: [ThrottleDevice]? = nil,
        throttleWriteIOPSDevice: [ThrottleDevice]? = nil
    ) {
        self.weight = weight
        self.leafWeight = leafWeight
        self.weightDevice = weightDevice
        self.throttleReadBpsDevice = throttleReadBpsDevice
        self.throttleWriteBpsDevice = throttleWriteBpsDevice
        self.throttleReadIOPSDevice = throttleReadIOPSDevice
        self.throttleWriteIOPSDevice = throttleWriteIOPSDevice
    }
}

/// Weights of one device (`/linux/resources/blockIO/weightDevice/N`).
package struct WeightDevice: Sendable, Equatable {
    /// The major number.
    package var major: Int64
    /// The minor number.
    package var minor: Int64
    /// As in `BlockIO`.
    package var weight: UInt16?
    /// As in `BlockIO`.
    package var leafWeight: UInt16?

    /// Creates a value; what is not given is absent.
    package init(major: Int64, minor: Int64, weight: UInt16? = nil, leafWeight: UInt16? = nil) {
        self.major = major
        self.minor = minor
        self.weight = weight
        self.leafWeight = leafWeight
    }
}

/// The rate of one device.
package struct ThrottleDevice: Sendable, Equatable {
    /// The major number.
    package var major: Int64
    /// The minor number.
    package var minor: Int64
    /// Bytes or operations per second.
    package var rate: UInt64

    /// Creates a value; what is not given is absent.
    package init(major: Int64, minor: Int64, rate: UInt64) {
        self.major = major
        self.minor = minor
        self.rate = rate
    }
}

/// The limit on one size of huge pages (`/linux/resources/hugepageLimits/N`).
package struct HugepageLimit: Sendable, Equatable {
    /// The size, such as `2MB`.
    package var pageSize: String
    /// Bytes.
    package var limit: UInt64

    /// Creates a value; what is not given is absent.
    package init(pageSize: String, limit: UInt64) {
        self.pageSize = pageSize
        self.limit = limit
    }
}

/// Network class and priorities of cgroup v1 (`/linux/resources/network`).
package struct NetworkResources: Sendable, Equatable {
    /// The class of packets (net_cls).
    package var classID: UInt32?
    /// Priorities per interface (net_prio).
    package var priorities: [InterfacePriority]?

    /// Creates a value; what is not given is absent.
    package init(classID: UInt32? = nil, priorities: [InterfacePriority]? = nil) {
        self.classID = classID
        self.priorities = priorities
    }
}

/// The priority of traffic on one interface.
package struct InterfacePriority: Sendable, Equatable {
    /// The interface.
    package var name: String
    /// The priority.
    package var priority: UInt32

    /// Creates a value; what is not given is absent.
    package init(name: String, priority: UInt32) {
        self.name = name
        self.priority = priority
    }
}

/// RDMA limits of one device (`/linux/resources/rdma/KEY`).
package struct RdmaLimit: Sendable, Equatable {
    /// The device: the key in the JSON object.
    package var key: String
    /// HCA handles.
    package var hcaHandles: UInt32?
    /// HCA objects.
    package var hcaObjects: UInt32?

    /// Creates a value; what is not given is absent.
    package init(key: String, hcaHandles: UInt32? = nil, hcaObjects: UInt32? = nil) {
        self.key = key
        self.hcaHandles = hcaHandles
        self.hcaObjects = hcaObjects
    }
}
