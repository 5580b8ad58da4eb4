import Testing

@Test func placeholderCgroups() {}
