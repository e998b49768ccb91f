namespace Mdfld.Tests.Launchers;

/// <summary>When the launchers build, and what a running command keeps.</summary>
public sealed class BuildTests
{
    [Theory]
    [InlineData("true", "fresh")]
    [InlineData("touch -d '+1 sec' source/a.cs", "stale")]
    [InlineData("rm source/a.cs; touch -d '+1 sec' source", "stale")]
    [InlineData("rm -r source", "stale")]
    [InlineData("rm stamp", "stale")]
    [InlineData("touch -d '+1 sec' source/obj/cache", "fresh")]
    public void BuiltAnewWhenASourceIsNewerThanTheStamp(string change, string expected)
    {
        using var checkout = new FakeCheckout();

        var result = checkout.Run(
            $"""
            mkdir -p source/obj; touch source/a.cs stamp; {change}
            is_fresh stamp source 2>/dev/null && echo fresh || echo stale
            """);

        Assert.Equal(expected, result.Output);
    }

    [Fact]
    public void TwoLaunchersBuildOneAfterTheOther()
    {
        using var checkout = new FakeCheckout();

        var result = checkout.Run(
            """
            slow() { echo in; timeout 60 bash -c 'until grep -q waiting said; do sleep 0.05; done'; echo out; }
            { locked slow & locked slow & wait; } 2>said
            """);

        Assert.Equal("in\nout\nin\nout", result.Output);
    }

    [Fact]
    public void AProcessLeftByABuildHoldsNoLock()
    {
        using var checkout = new FakeCheckout();

        var result = checkout.Run(
            """
            leave() { sleep 60 >/dev/null 2>&1 & left=$!; }
            locked leave
            # A process just forked has the lock until it becomes the program; one that kept it would for a minute.
            flock --timeout 30 .build/lock echo free
            kill $left
            """);

        Assert.Equal("free", result.Output);
    }

    [Fact]
    public void ARunningCommandKeepsItsFiles()
    {
        using var checkout = new FakeCheckout();
        checkout.AddProgram("dotnet", "set -eu; root=$PWD; . eng/prepare.sh; cli_sweep cli-new; ls .build");

        var result = checkout.Run(
            """
            for name in old running new; do mkdir -p .build/cli-$name; touch .build/cli-$name/Mdfld.Cli.dll; done
            echo cli-running >.build/cli.stamp
            run_cli
            """);

        Assert.Equal("cli-new\ncli-running\ncli.stamp", result.Output);
    }
}
