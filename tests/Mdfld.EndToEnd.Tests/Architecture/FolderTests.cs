namespace Mdfld.Tests.Architecture;

/// <summary>No two folders of a project depend on each other, and no folder on files beside the project file.</summary>
public sealed class FolderTests
{
    public static TheoryData<string> Projects => [.. ProjectFiles.All];

    [Theory]
    [MemberData(nameof(Projects))]
    public void FoldersDependOneWay(string project)
    {
        var dependencies = ProjectFolders.Of(project);
        Assert.Empty(ProjectFolders.Cycles(dependencies).Select(Line));
        Assert.Empty(dependencies.Where(d => d.To == ProjectFolders.Root).Select(Line));
    }

    [Fact]
    public void DependenciesOfRealFoldersAreFound()
    {
        var dependencies = ProjectFolders.Of("Mdfld.Data");
        Assert.Contains(("Formats", "Faces"), dependencies.Select(d => (d.From, d.To)));
        Assert.DoesNotContain(("Faces", "Formats"), dependencies.Select(d => (d.From, d.To)));
    }

    [Theory]
    [InlineData("class A { B? b; }", "A -> B")]
    [InlineData("class A { void F() => new C().B.F(); }", "A -> B")]
    [InlineData("class A { void F() => 1.Extension(); }", "A -> B")]
    [InlineData("class A { object F() => new List<B>(); }", "A -> B")]
    [InlineData("/* B */ class A { string b = \"B\"; }", null)]
    [InlineData("class A { int B; int F() => B; }", null)]
    public void CyclesAreFound(string source, string? expected)
    {
        (string, string)[] files =
        [
            ("A/A.cs", source), ("B/B.cs", "class B { A? a; public void F() {} }"),
            ("B/E.cs", "static class E { public static void Extension(this int i) {} }"),
            ("C.cs", "class C { public B B => new(); }"),
        ];
        var cycles = ProjectFolders.Cycles(ProjectFolders.Of(files, ["System.Collections.Generic"], []));
        var found = cycles.Where(d => d.From == "A" && d.To == "B").Select(d => $"{d.From} -> {d.To}");
        Assert.Equal(expected is null ? [] : [expected], found);
    }

    [Fact]
    public void ALongRingIsFoundAndWhatLeadsToItIsNot()
    {
        (string, string)[] files =
        [
            ("A/A.cs", "class A { B? b; }"), ("B/B.cs", "class B { C? c; }"), ("C/C.cs", "class C { A? a; }"),
            ("D/D.cs", "class D { A? a; }"),
        ];
        var cycles = ProjectFolders.Cycles(ProjectFolders.Of(files, [], []));
        Assert.Equal([("A", "B"), ("B", "C"), ("C", "A")], cycles.Select(d => (d.From, d.To)));
    }

    private static string Line(FolderDependency d) => $"{d.From} -> {d.To}: {d.File} uses {d.Type}";
}
