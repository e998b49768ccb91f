namespace Mdfld.Tests.Launchers;

/// <summary>The closing line of ./test.</summary>
public sealed class TestCountTests
{
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
    public void NoResultsAreAFailure()
    {
        using var checkout = new FakeCheckout();

        var result = checkout.Run("count_results 0");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("no test ran", result.Errors);
    }
}
