using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Text;
using Mdfld.Generation.Dataset;

namespace Mdfld.Cli.Commands;

/// <summary>The help of a command, with the formats or styles that it knows.</summary>
/// <param name="width">Columns.</param>
internal sealed class HelpPage(int width) : SynchronousCommandLineAction
{
    /// <summary>Whatever else is wrong with the call.</summary>
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var code = new HelpAction { MaxWidth = width }.Invoke(parseResult);
        var (command, output) = (parseResult.CommandResult.Command, parseResult.InvocationConfiguration.Output);
        if (command.Name is "dataset" or "convert")
        {
            output.WriteLine("Formats:");
            foreach (var format in AnnotationFormat.All)
                Write(output, $"  {format.Name,-16}", format.Summary + (format.IsWritten ? "" : " (read only)"));
            output.WriteLine();
        }
        else if (command is GenerateCommand)
        {
            output.WriteLine("Styles:");
            Write(output, "  ", string.Join(", ", StyleBook.Default().Styles.Select(s => s.Id)));
            output.WriteLine();
        }
        return code;
    }

    /// <summary>Text in lines of the width, all but the first indented by as much as the first.</summary>
    private void Write(TextWriter output, string start, string text)
    {
        var line = new StringBuilder(start);
        var isEmpty = true;
        foreach (var word in text.Split(' '))
        {
            if (!isEmpty && line.Length + 1 + word.Length > width)
            {
                output.WriteLine(line);
                line.Clear().Append(' ', start.Length);
                isEmpty = true;
            }
            line.Append(isEmpty ? "" : " ").Append(word);
            isEmpty = false;
        }
        output.WriteLine(line);
    }
}
