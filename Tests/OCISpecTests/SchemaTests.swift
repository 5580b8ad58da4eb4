import Testing

@testable import OCISpec

/// What the specification's own schema says; `APUS_SPEC_SCHEMA` names its directory.
@Suite("Schema", .enabled(if: Schema.directory != nil))
struct SchemaTests {
    private let directory = Schema.directory ?? ""

    @Test("the checklist is what the schema names")
    func properties() {
        var schema = Schema(directory: directory)
        #expect(schema.properties(of: "config-schema.json") == Checklist.properties)
    }

    private func words<E>(_: E.Type) -> Set<String>
    where E: RawRepresentable & CaseIterable, E.RawValue == String {
        Set(E.allCases.map { $0.rawValue })
    }

    @Test("the enumerations are those of the schema")
    func enumerations() {
        var schema = Schema(directory: directory)
        let file = "defs-linux.json"
        func expect(_ words: Set<String>, _ definition: String) {
            let expected = schema.words(of: definition, in: file)
            #expect(!expected.isEmpty && words == Set(expected), "\(definition)")
        }
        expect(words(NamespaceType.self), "NamespaceType")
        expect(words(SeccompAction.self), "SeccompAction")
        expect(words(SeccompFlag.self), "SeccompFlag")
        expect(words(SeccompOperator.self), "SeccompOperators")
        expect(words(SeccompArchitecture.self), "SeccompArch")
        expect(words(SchedulerPolicy.self), "SchedulerPolicy")
        expect(words(SchedulerFlag.self), "SchedulerFlag")
        expect(words(MemoryPolicyMode.self), "MemoryPolicyMode")
        expect(words(MemoryPolicyFlag.self), "MemoryPolicyFlag")
        expect(words(PersonalityDomain.self), "PersonalityDomain")
        // Engines send the recursive forms too.
        let propagation = words(RootfsPropagation.self).filter { !$0.hasPrefix("r") }
        expect(propagation, "RootfsPropagation")
    }

    @Test("its examples of configurations are judged as it does")
    func configurations() {
        let good = Fixtures.names(in: directory + "/test/config/good")
        let bad = Fixtures.names(in: directory + "/test/config/bad")
        #expect(!good.isEmpty && !bad.isEmpty)
        for name in good {
            let error = specError(Fixtures.read("\(directory)/test/config/good/\(name).json"))
            #expect(error == nil, "\(name)")
        }
        for name in bad {
            let error = specError(Fixtures.read("\(directory)/test/config/bad/\(name).json"))
            #expect(error != nil, "\(name)")
        }
    }

    private func isAccepted<Document: JSONObject>(_ path: String, as _: Document.Type) -> Bool {
        do {
            _ = try JSONDocument.read(Fixtures.read(path), fileName: path) { Document($0) }
            return true
        } catch {
            return false
        }
    }

    @Test("its examples of states and features are judged as it does")
    func statesAndFeatures() {
        for verdict in ["good", "bad"] {
            let states = directory + "/test/state/" + verdict
            let features = directory + "/test/features/" + verdict
            #expect(!Fixtures.names(in: states).isEmpty && !Fixtures.names(in: features).isEmpty)
            for name in Fixtures.names(in: states) {
                let isGood = isAccepted("\(states)/\(name).json", as: State.self)
                #expect(isGood == (verdict == "good"), "\(name)")
            }
            for name in Fixtures.names(in: features) {
                let isGood = isAccepted("\(features)/\(name).json", as: Features.self)
                #expect(isGood == (verdict == "good"), "\(name)")
            }
        }
    }
}
