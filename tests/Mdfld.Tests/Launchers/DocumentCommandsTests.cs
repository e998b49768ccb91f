namespace Mdfld.Tests.Launchers;

public sealed class DocumentCommandsTests
{
    [Fact]
    public void OnlyShellBlocksAreRead()
    {
        const string Markdown =
            """
            ```sh
            ./mdfld detect a.jpg   # prints
            # a remark

            ./mdfld train \
                --recipe r.yaml
            ```
            ./mdfld outside
            ```json
            { "not": "a command" }
            ```
            ```sh
            ./test
            ```
            """;

        var blocks = DocumentCommands.Read(Markdown);

        Assert.Equal([["./mdfld detect a.jpg", "./mdfld train --recipe r.yaml"], ["./test"]], blocks);
    }
}
