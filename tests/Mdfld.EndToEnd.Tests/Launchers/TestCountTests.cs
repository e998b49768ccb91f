namespace Mdfld.Tests.Launchers;

/// <summary>What ./test runs, and its closing line.</summary>
public sealed class TestCountTests
{
    private const string All = "Mdfld.Tests,Mdfld.Training.Tests,Mdfld.Generation.Tests,Mdfld.EndToEnd.Tests";

    [Theory]
    [InlineData("""total="9" executed="7" passed="7" failed="0" """, 0, "7 passed, 0 failed, 2 skipped", 0)]
    [InlineData("""total="9" executed="7" passed="6" failed="1" """, 1, "6 passed, 1 failed, 2 skipped", 1)]
    [InlineData("""total="9" executed="9" passed="9" failed="0" """, 124, "9 passed, 1 failed, 0 skipped", 1)]
    [InlineData("""total="2" executed="0" passed="0" failed="0" """, 0, "0 passed, 0 failed, 2 skipped", 1)]
    public void CountedFromTheResultFile(string counters, int status, string expected, int exitCode)
    {
        using var checkout = new FakeCheckout();
        Directory.CreateDirectory(checkout[".build", "test-results"]);
        File.WriteAllText(
            checkout[".build", "test-results", "a.trx"],
            $"""<TestRun><ResultSummary outcome="x"><Counters {counters} error="0" /></ResultSummary></TestRun>""");

        var result = checkout.Run($"count_results {status}");

        Assert.Equal(expected, result.Output);
        Assert.Equal(exitCode, result.ExitCode);
    }

    [Fact]
    public void SummedOverTheProjects()
    {
        using var checkout = new FakeCheckout();
        Directory.CreateDirectory(checkout[".build", "test-results"]);
        foreach (var (name, total) in new[] { ("a", 3), ("b", 0), ("c", 5) })
            File.WriteAllText(
                checkout[".build", "test-results", $"{name}.trx"],
                $"""<TestRun><Counters total="{total}" executed="{total}" passed="{total}" failed="0" /></TestRun>""");

        Assert.Equal("8 passed, 0 failed, 0 skipped", checkout.Run("count_results 0").Output);
    }

    [Theory]
    [InlineData("", All, "")]
    [InlineData("Star", All, "FullyQualifiedName~Star")]
    [InlineData("Mdfld.Training.Tests", "Mdfld.Training.Tests", "")]
    [InlineData("Mdfld.Training.Tests 'FullyQualifiedName=A'", "Mdfld.Training.Tests", "FullyQualifiedName=A")]
    public void AProjectAndANameChoose(string arguments, string projects, string filter)
    {
        using var checkout = new FakeCheckout();
        Directory.CreateSymbolicLink(checkout["tests"], Path.Combine(TestFiles.RepositoryRoot, "tests"));
        checkout.AddProgram("dotnet", "");

        checkout.Run($"prepare() {{ :; }}; build_tests() {{ :; }}; run_tests {arguments}");

        var calls = checkout.Calls;
        Assert.Equal(projects.Split(','), calls.Select(c => Path.GetFileNameWithoutExtension(c.Split(' ')[2])));
        Assert.All(calls, c => Assert.Equal(filter, c.Split("--filter ").Skip(1).FirstOrDefault("")));
    }

    [Fact]
    public void NoResultsAreAFailure()
    {
        using var checkout = new FakeCheckout();

        var result = checkout.Run("count_results 0");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("no test ran", result.Errors);
    }
}
