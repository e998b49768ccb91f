using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Mdfld.Data;

/// <summary>Reading and writing XML of annotations: no entities, no other files, errors that name the line.</summary>
internal static class AnnotationXml
{
    /// <summary>Whether a file is XML with a root element of that name.</summary>
    public static bool HasRoot(string file, string name)
    {
        if (!file.EndsWith(".xml", StringComparison.OrdinalIgnoreCase))
            return false;
        try
        {
            using var xml = Open(file);
            return xml.MoveToContent() == XmlNodeType.Element && xml.Name == name;
        }
        catch (XmlException)
        {
            return false;
        }
    }

    public static XmlReader Open(string file)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            CloseInput = true,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
        };
        return XmlReader.Create(FileNames.Open(file), settings);
    }

    /// <summary>Moves to the next element; false at the end of the file.</summary>
    /// <exception cref="InvalidDataException">The file is no XML from here on.</exception>
    public static bool NextElement(XmlReader xml, string file)
    {
        do
        {
            if (!Guarded(file, xml.Read))
                return false;
        }
        while (xml.NodeType != XmlNodeType.Element);
        return true;
    }

    /// <summary>Where the reader is, for errors.</summary>
    public static string Where(XmlReader xml, string file) => $"{file}, line {((IXmlLineInfo)xml).LineNumber}";

    /// <summary>Runs a part of a reader; what does not fit becomes an error that says where.</summary>
    /// <exception cref="InvalidDataException">It does not fit.</exception>
    public static T Guarded<T>(string where, Func<T> read)
    {
        try
        {
            return AnnotationText.At(where, read);
        }
        catch (XmlException e)
        {
            throw new InvalidDataException($"{where}: {e.Message}", e);
        }
    }

    public static string Attribute(XmlReader xml, string name) =>
        xml.GetAttribute(name) ?? throw new FormatException($"{xml.Name} without the attribute {name}");

    /// <summary>The text of an element, read to its end tag.</summary>
    public static string? Content(XmlReader xml)
    {
        var (text, depth) = (new StringBuilder(), xml.Depth);
        for (var isEmpty = xml.IsEmptyElement; !isEmpty && xml.Read() && xml.Depth > depth;)
        {
            if (xml.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace
                or XmlNodeType.Whitespace)
                text.Append(xml.Value);
        }
        return text.Length > 0 ? text.ToString() : null;
    }

    /// <summary>Writes a file; what its root holds is enumerated as it goes.</summary>
    /// <exception cref="ArgumentException">A text holds what no XML file may.</exception>
    public static void Write(string path, XStreamingElement root)
    {
        try
        {
            AtomicFile.Write(path, stream => Write(stream, root));
        }
        catch (ArgumentException e)
        {
            throw new ArgumentException($"{path}: {e.Message}", e);
        }
    }

    /// <inheritdoc cref="Write(string, XStreamingElement)"/>
    public static void Write(Stream stream, XStreamingElement root)
    {
        var settings = new XmlWriterSettings
        {
            Encoding = new UTF8Encoding(false),
            Indent = true,
            NewLineChars = "\n",
        };
        using var xml = XmlWriter.Create(stream, settings);
        root.WriteTo(xml);
    }
}
