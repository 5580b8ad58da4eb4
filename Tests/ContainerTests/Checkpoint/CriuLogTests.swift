import Testing

@testable import Container

@Suite("The log of CRIU")
struct CriuLogTests {
    @Test("the first errors count, with and without time and process")
    func errors() {
        let log = """
            (00.001) Version: 3.17.1
            (00.002) Warn  (criu/kerndat.c:1103): no quota
            (00.003)     12: Error (criu/files.c:9): cannot open
            (00.004) Error (criu/cr-dump.c:1): Dump files failed
            (00.005) Error (criu/cr-dump.c:2053): Dumping FAILED.

            """
        #expect(
            CriuLog.failure(in: log)
                == "Error (criu/files.c:9): cannot open; "
                + "Error (criu/cr-dump.c:1): Dump files failed")
    }

    @Test("a log that only says that all failed")
    func onlyTheEnd() {
        #expect(
            CriuLog.failure(in: "(00.005) Error (criu/cr-dump.c:2053): Dumping FAILED.\n")
                == "Error (criu/cr-dump.c:2053): Dumping FAILED.")
        #expect(CriuLog.failure(in: "Error (a:1): b") == "Error (a:1): b")
    }

    @Test(
        "a log without errors", arguments: ["", "\n\n", "(00.1) all is well\n", "Errors none", "("])
    func nothing(_ log: String) {
        #expect(CriuLog.failure(in: log).isEmpty)
    }
}

@Suite("descriptors.json")
struct StandardStreamsTests {
    @Test("the form of the peers")
    func reads() throws {
        let text = #"["/dev/null","pipe:[17]","pipe:[18]"]"# + "\n"
        #expect(
            try StandardStreams.parse(Array(text.utf8)) == ["/dev/null", "pipe:[17]", "pipe:[18]"])
        #expect(try StandardStreams.parse(Array("[]".utf8)).isEmpty)
    }

    @Test("what is none", arguments: ["", "{}", "[1]", "[\"a\"", "\"a\"", "[]} {\"a\":1"])
    func refuses(_ text: String) {
        #expect(throws: RuntimeError.self) { try StandardStreams.parse(Array(text.utf8)) }
    }
}
