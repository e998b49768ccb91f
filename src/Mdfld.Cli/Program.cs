using System.CommandLine;
using Mdfld.Cli.Commands;

var root = new RootCommand("Finds face landmarks in pictures of every art style.") { TrainCommand.Create(), ExportCommand.Create() };
return await root.Parse(args).InvokeAsync();
