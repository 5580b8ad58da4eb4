import Glibc
import Testing

@testable import Container

@Suite struct HostFactsTests {
    @Test("descriptors of socket activation are for the process that they name")
    func listenFDs() {
        let cases: [(String?, String?, Int)] = [
            (nil, nil, 0), ("2", "42", 2), ("2", "43", 0), ("2", nil, 0), ("2", "", 0),
            (nil, "42", 0),
            ("0", "42", 0), ("-1", "42", 0), ("", "42", 0), ("x", "42", 0), ("2x", "42", 0),
            ("2", "42x", 0), ("2", "042", 2), ("99999999999999999999", "42", 0),
            ("5000", "42", 5000),
        ]
        for (count, pid, expected) in cases {
            #expect(HostFacts.listenFDs(count: count, pid: pid, ownPid: 42) == expected)
        }
    }

    @Test("this host is described")
    func thisHost() {
        let facts = HostFacts.ofThisHost(needsLSM: true)
        #expect(facts.euid == geteuid() && facts.egid == getegid())
        // CAP_AUDIT_READ is from Linux 3.16, and 64 is where a mask ends.
        #expect((37...63).contains(facts.lastCapability))
    }
}
