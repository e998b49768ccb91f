namespace Mdfld.Tests;

/// <summary>Tests that measure the whole process, or set what holds for it: nothing runs beside them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
