/// `linux.resources.hugepageLimits` as files of the version 1 `hugetlb` controller.
enum V1Hugetlb {
    static func convert(
        _ limits: [CgroupResources.HugepageLimit], into list: inout CgroupWriteList
    ) {
        for (index, limit) in limits.enumerated() {
            let property = "hugepageLimits/\(index)/limit"
            let prefix = "hugetlb." + limit.pageSize
            let value = String(limit.limit)
            list.add("hugetlb", prefix + ".limit_in_bytes", value, property)
            // Reservations are counted since Linux 5.7; without them usage alone is.
            list.add(
                "hugetlb", prefix + ".rsvd.limit_in_bytes", value, property, options: .mayBeMissing)
        }
    }
}
