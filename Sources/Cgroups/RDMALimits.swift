/// `linux.resources.rdma` as the file of the `rdma` controller, the same in both versions.
enum RDMALimits {
    /// - Parameter controller: `rdma`, or empty for version 2.
    static func convert(
        _ limits: [CgroupResources.RDMALimit], controller: String, into list: inout CgroupWriteList
    ) throws(CgroupError) {
        for limit in limits {
            let property = "rdma/\(limit.device)"
            var value = limit.device
            if let handles = limit.hcaHandles { value += " hca_handle=\(handles)" }
            if let objects = limit.hcaObjects { value += " hca_object=\(objects)" }
            if limit.hcaHandles == nil && limit.hcaObjects == nil {
                throw CgroupWriteList.invalid(
                    property, "at least one of hcaHandles and hcaObjects is needed")
            }
            list.add(controller, "rdma.max", value, property)
        }
    }
}
