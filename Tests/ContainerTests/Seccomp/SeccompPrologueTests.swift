import Container
import Glibc
import Testing

@Suite("The answer to calls of the future")
struct SeccompPrologueTests {
    private static let noSuchCall = Answer.errno(ENOSYS)
    /// What comes after the prologue, told from everything that the prologue says.
    private static let filter = Answer.errno(4000)

    private typealias Limit = SeccompPrologue.Limit

    /// What the prologue says to a call, or `filter` when it leaves it to the filter.
    private func answer(
        _ limits: [Limit], _ architecture: UInt32, _ number: UInt32
    ) throws -> UInt32 {
        let program = SeccompPrologue.instructions(limits) + [.end(Self.filter)]
        return try BPFMachine(program).run(.init(number: number, architecture: architecture))
    }

    @Test("numbers up to the highest one are for the filter", arguments: [0, 99, 100] as [UInt32])
    func known(_ number: UInt32) throws {
        let limits = [Limit(token: Audit.aarch64, highest: 100)]
        #expect(try answer(limits, Audit.aarch64, number) == Self.filter)
    }

    @Test("numbers above do not exist", arguments: [101, 0x3fff_ffff, .max] as [UInt32])
    func new(_ number: UInt32) throws {
        let limits = [Limit(token: Audit.aarch64, highest: 100)]
        #expect(try answer(limits, Audit.aarch64, number) == Self.noSuchCall)
    }

    @Test("architectures without a limit are for the filter")
    func others() throws {
        let limits = [Limit(token: Audit.aarch64, highest: 100)]
        #expect(try answer(limits, Audit.i386, 5000) == Self.filter)
        #expect(try answer([], Audit.aarch64, 5000) == Self.filter)
        #expect(SeccompPrologue.instructions([]) == [])
    }

    @Test("each architecture has its own limit")
    func several() throws {
        let limits = [
            Limit(token: Audit.x86_64, highest: 300), Limit(token: Audit.i386, highest: 400),
            Limit(token: Audit.aarch64, highest: 200),
        ]
        for limit in limits {
            #expect(try answer(limits, limit.token, limit.highest) == Self.filter)
            #expect(try answer(limits, limit.token, limit.highest + 1) == Self.noSuchCall)
        }
    }

    @Test("x32 has a limit inside of x86-64")
    func x32() throws {
        let bit = SeccompPrologue.x32Bit
        let limits = [
            Limit(token: Audit.x86_64, highest: 300), Limit(token: Audit.i386, highest: 400),
            Limit(token: SeccompPrologue.x32, highest: bit | 500),
        ]
        #expect(try answer(limits, Audit.x86_64, 300) == Self.filter)
        #expect(try answer(limits, Audit.x86_64, 301) == Self.noSuchCall)
        #expect(try answer(limits, Audit.x86_64, bit) == Self.filter)
        #expect(try answer(limits, Audit.x86_64, bit | 500) == Self.filter)
        #expect(try answer(limits, Audit.x86_64, bit | 501) == Self.noSuchCall)
        #expect(try answer(limits, Audit.i386, 401) == Self.noSuchCall)
    }

    @Test("x32 without a limit is for the filter, which refuses it")
    func noX32() throws {
        let limits = [Limit(token: Audit.x86_64, highest: 300)]
        #expect(try answer(limits, Audit.x86_64, 301) == Self.noSuchCall)
        for number in [0x4000_0000, 0x4000_012d, .max] as [UInt32] {
            #expect(try answer(limits, Audit.x86_64, number) == Self.filter)
        }
    }

    @Test("jumps reach across as many sections as there are architectures")
    func reach() throws {
        var limits: [Limit] = []
        for number in 0..<22 { limits.append(Limit(token: 0x100 + UInt32(number), highest: 50)) }
        limits.insert(Limit(token: Audit.x86_64, highest: 60), at: 0)
        for limit in limits {
            #expect(try answer(limits, limit.token, limit.highest) == Self.filter)
            #expect(try answer(limits, limit.token, limit.highest + 1) == Self.noSuchCall)
        }
    }
}
