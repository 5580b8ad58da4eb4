import OCISpec
import Testing

@testable import Container

/// Values that decode and that no kernel can honour as they are written.
@Suite struct ValidationOfValuesTests {
    @Test(
        "a version is one of SemVer",
        arguments: [
            "", "1", "1.0", "1.x.0", "1.0.0.0", "1.-1.0", "1.03.0", "1.0.0-", "1.0.0+",
            "1.0.0-a..b",
            "1.3.0\n", "1.0.0-\u{e9}", "v1.0.0",
        ])
    func noVersion(text: String) {
        let found = findings(Configurations.changed { $0.ociVersion = text })
        let expected =
            "expected a version such as 1.3.0 (SemVer 2.0.0), found \"\(printable(text))\""
        #expect(found.errors == ["ociVersion: " + expected])
    }

    @Test("memory below zero is -1 or an error")
    func memory() {
        func errors(_ memory: MemoryResources) -> [String] {
            findings(
                Configurations.changed { $0.linux?.resources = Resources(memory: memory) }
            ).errors
        }
        #expect(errors(MemoryResources(limit: -1, reservation: -1, swap: -1)) == [])
        let sentence = "expected a number of bytes or -1 for no limit, found -2"
        #expect(
            errors(MemoryResources(limit: -2, reservation: -2, swap: -2))
                == ["limit", "reservation", "swap"].map {
                    "linux/resources/memory/\($0): \(sentence)"
                })
    }

    @Test("device numbers of blockIO are not cut off")
    func blockIONumbers() {
        let device = ThrottleDevice(major: 8, minor: 1 << 32, rate: 1)
        let blockIO = BlockIO(
            weightDevice: [WeightDevice(major: 4096, minor: 0)], throttleReadBpsDevice: [device])
        let found = findings(
            Configurations.changed { $0.linux?.resources = Resources(blockIO: blockIO) })
        #expect(
            found.errors == [
                "linux/resources/blockIO/weightDevice/0/major: "
                    + "expected a device number of at most 4095, found 4096",
                "linux/resources/blockIO/throttleReadBpsDevice/0/minor: "
                    + "expected a device number of at most 1048575, found 4294967296",
            ])
    }
}
