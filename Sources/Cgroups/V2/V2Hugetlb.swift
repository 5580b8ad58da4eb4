/// `linux.resources.hugepageLimits` as files of the version 2 `hugetlb` controller.
enum V2Hugetlb {
    static func convert(
        _ limits: [CgroupResources.HugepageLimit], into list: inout CgroupWriteList
    ) {
        for (index, limit) in limits.enumerated() {
            let property = "hugepageLimits/\(index)/limit"
            let prefix = "hugetlb." + limit.pageSize
            let value = String(limit.limit)
            list.add("", prefix + ".max", value, property)
            // Reservations are counted since Linux 5.7; without them usage alone is.
            list.add("", prefix + ".rsvd.max", value, property, options: .mayBeMissing)
        }
    }
}
