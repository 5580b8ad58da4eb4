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

extension BlockIO: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        weight = object.integer("weight")
        leafWeight = object.integer("leafWeight")
        weightDevice = object.objects("weightDevice")
        throttleReadBpsDevice = object.objects("throttleReadBpsDevice")
        throttleWriteBpsDevice = object.objects("throttleWriteBpsDevice")
        throttleReadIOPSDevice = object.objects("throttleReadIOPSDevice")
        throttleWriteIOPSDevice = object.objects("throttleWriteIOPSDevice")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("weight", weight)
        writer.member("leafWeight", leafWeight)
        writer.member("weightDevice", weightDevice)
        writer.member("throttleReadBpsDevice", throttleReadBpsDevice)
        writer.member("throttleWriteBpsDevice", throttleWriteBpsDevice)
        writer.member("throttleReadIOPSDevice", throttleReadIOPSDevice)
        writer.member("throttleWriteIOPSDevice", throttleWriteIOPSDevice)
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

extension WeightDevice: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        major = object.requiredInteger("major")
        minor = object.requiredInteger("minor")
        weight = object.integer("weight")
        leafWeight = object.integer("leafWeight")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("major", major)
        writer.member("minor", minor)
        writer.member("weight", weight)
        writer.member("leafWeight", leafWeight)
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

extension ThrottleDevice: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        major = object.requiredInteger("major")
        minor = object.requiredInteger("minor")
        rate = object.requiredInteger("rate")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("major", major)
        writer.member("minor", minor)
        writer.member("rate", rate)
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

extension HugepageLimit: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        pageSize = object.requiredString("pageSize", .pageSize)
        limit = object.requiredInteger("limit")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("pageSize", pageSize)
        writer.member("limit", limit)
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

extension NetworkResources: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        classID = object.integer("classID")
        priorities = object.objects("priorities")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("classID", classID)
        writer.member("priorities", priorities)
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

extension InterfacePriority: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        name = object.requiredString("name")
        priority = object.requiredInteger("priority")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("name", name)
        writer.member("priority", priority)
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

extension RdmaLimit: JSONEntry {
    /// Reads the members.
    package init(key: String, _ object: ObjectReader) {
        self.key = key
        hcaHandles = object.integer("hcaHandles")
        hcaObjects = object.integer("hcaObjects")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("hcaHandles", hcaHandles)
        writer.member("hcaObjects", hcaObjects)
    }
}
