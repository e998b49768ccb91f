using System;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>Copies a 64-bit ELF library and marks one of the symbol versions it needs as weak.</summary>
public sealed class WeakenSymbolVersion : Task
{
    private const int SectionTypeVersionNeeds = 0x6ffffffe;
    private const byte Weak = 2;

    [Required]
    public string Source { get; set; }

    [Required]
    public string Destination { get; set; }

    /// <summary>Its name, such as GLIBCXX_3.4.32.</summary>
    [Required]
    public string Version { get; set; }

    public override bool Execute()
    {
        var elf = File.ReadAllBytes(Source);
        var found = 0;
        var sections = (int)BitConverter.ToInt64(elf, 0x28);
        var count = BitConverter.ToInt16(elf, 0x3C);
        for (var i = 0; i < count; i++)
        {
            var header = sections + (i * 64);
            if (BitConverter.ToInt32(elf, header + 4) != SectionTypeVersionNeeds)
                continue;
            // One record a library, a chain of auxiliary records with its versions behind each (Oracle's linker
            // guide, "Version Dependency Section").
            var names = (int)BitConverter.ToInt64(
                elf, sections + (BitConverter.ToInt32(elf, header + 0x28) * 64) + 0x18);
            var need = (int)BitConverter.ToInt64(elf, header + 0x18);
            for (var nextNeed = 1; nextNeed != 0; need += nextNeed)
            {
                var version = need + BitConverter.ToInt32(elf, need + 8);
                for (var next = 1; next != 0; version += next)
                {
                    if (Text(elf, names + BitConverter.ToInt32(elf, version + 8)) == Version)
                    {
                        elf[version + 4] |= Weak;
                        found++;
                    }
                    next = BitConverter.ToInt32(elf, version + 12);
                }
                nextNeed = BitConverter.ToInt32(elf, need + 12);
            }
        }
        if (found == 0)
            Log.LogMessage(MessageImportance.High, $"{Source} does not need {Version} any more");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(Destination)));
        File.WriteAllBytes(Destination, elf);
        return true;
    }

    private static string Text(byte[] data, int start) =>
        Encoding.ASCII.GetString(data, start, Array.IndexOf(data, (byte)0, start) - start);
}
