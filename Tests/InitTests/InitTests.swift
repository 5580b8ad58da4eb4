import Testing

@Test func placeholderInit() {}
