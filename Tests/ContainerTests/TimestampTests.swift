import Container
import Glibc
import Testing

@Suite struct TimestampTests {
    @Test(
        arguments: [
            (0, 0, "1970-01-01T00:00:00Z"), (-1, 5, "1969-12-31T23:59:59.000000005Z"),
            (951_782_399, 120_300_000, "2000-02-28T23:59:59.1203Z"),
            (951_782_400, 0, "2000-02-29T00:00:00Z"), (951_868_800, 0, "2000-03-01T00:00:00Z"),
            (4_107_542_400, 0, "2100-03-01T00:00:00Z"),
            (1_709_164_800, 1, "2024-02-29T00:00:00.000000001Z"),
            (253_402_300_799, 999_999_999, "9999-12-31T23:59:59.999999999Z"),
            (-86_400, 0, "1969-12-31T00:00:00Z"),
        ] as [(Int, Int, String)])
    func timesAreInUTC(seconds: Int, nanoseconds: Int, text: String) {
        #expect(Timestamp.format(timespec(tv_sec: seconds, tv_nsec: nanoseconds)) == text)
    }

    /// The C library agrees on days of four centuries.
    @Test func timesAgreeWithTheLibrary() {
        for day in stride(from: -40_000, to: 120_000, by: 13) {
            let seconds = day * 86_400 + 45_296
            var time = time_t(seconds)
            var parts = tm()
            gmtime_r(&time, &parts)
            var buffer = [CChar](repeating: 0, count: 40)
            let length = strftime(&buffer, buffer.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
            let bytes = buffer[..<length].map { UInt8(bitPattern: $0) }
            let expected = String(decoding: bytes, as: UTF8.self)
            #expect(Timestamp.format(timespec(tv_sec: seconds, tv_nsec: 0)) == expected)
        }
    }

    @Test func nowIsInUTC() {
        #expect(Timestamp.now().hasSuffix("Z"))
    }
}
