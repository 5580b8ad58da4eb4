import Cgroups
import Kernel
import Testing

@testable import Container

/// What is said of an init stage that says nothing any more.
@Suite("Death of init")
struct InitDeathTests {
    @Test("the signal or the status is named")
    func endings() {
        let killed = InitDeath.error(.signaled(9, core: false), nil)
        #expect(killed.code == .initKilled)
        #expect(killed.description == "container init was killed by SIGKILL")
        #expect(
            InitDeath.error(.exited(3), nil).description == "container init exited with status 3")
        #expect(InitDeath.error(nil, nil).description.contains("not known"))
    }

    @Test("a kill for want of memory comes with limit and peak")
    func outOfMemory() {
        let facts = CgroupOOMFacts(oomKills: 1, limit: 4096, peak: 8192)
        let text = InitDeath.error(.signaled(9, core: false), facts).description
        #expect(text.hasPrefix("linux/resources/memory/limit: container init was OOM-killed"))
        #expect(text.hasSuffix("it was killed by SIGKILL, limit 4096 bytes, peak 8192 bytes"))
        let none = CgroupOOMFacts(oomKills: 0, limit: 4096, peak: 1)
        #expect(!InitDeath.error(.signaled(9, core: false), none).description.contains("OOM"))
    }

    @Test("of a process that joins nobody knows what the kills were about")
    func joining() {
        let killed = InitDeath.error(ofJoining: .signaled(9, core: false)).description
        #expect(killed == "the process was killed by SIGKILL (possibly OOM-killed)")
        #expect(!InitDeath.error(ofJoining: .exited(1)).description.contains("OOM"))
    }
}
