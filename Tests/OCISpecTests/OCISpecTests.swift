import Testing

@Test func placeholderOCISpec() {}
