using System.CommandLine;

var root = new RootCommand("Finds face landmarks in pictures of every art style.");
return await root.Parse(args).InvokeAsync();
