using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Mdfld.Data;

/// <summary>
/// "CVAT for images 1.1": XML with <c>image</c> elements; a face is a <c>points</c> element with all of its points, or
/// a <c>skeleton</c> with one <c>points</c> a point, in the order of their labels where these are numbers. CVAT counts
/// from the picture's corner: the centre of the first pixel is (0.5, 0.5) there. A style is an attribute of that name.
/// </summary>
internal sealed class CvatFormat : AnnotationFormat
{
    /// <summary>A skeleton that does not end; only 98 points are wanted.</summary>
    private const int MostPoints = 1000;

    private const double Corner = 0.5;

    public CvatFormat()
        : base("cvat", "CVAT for images 1.1: annotations.xml with points or skeletons") => KeepsStyles = true;

    public override bool Recognises(string file)
    {
        if (!file.EndsWith(".xml", StringComparison.OrdinalIgnoreCase))
            return false;
        try
        {
            using var xml = Open(file);
            return xml.MoveToContent() == XmlNodeType.Element && xml.Name == "annotations";
        }
        catch (XmlException)
        {
            return false;
        }
    }

    public override IEnumerable<LabelledFace> Read(string file, string pictures)
    {
        using var xml = Open(file);
        string? image = null;
        while (Next(xml, file))
        {
            if (xml.NodeType != XmlNodeType.Element)
                continue;
            var where = $"{file}, line {((IXmlLineInfo)xml).LineNumber}";
            if (xml.Name == "track")
                throw new InvalidDataException($"{where}: a track of CVAT for video; export as CVAT for images");
            if (xml.Name == "image")
                image = Guarded(where, () => PicturePath.Parse(Attribute(xml, "name"), pictures));
            if (xml.Name is "points" or "skeleton")
            {
                if (image is null)
                    throw new InvalidDataException($"{where}: {xml.Name} outside of an image");
                yield return Guarded(where, () => Face(xml, image));
            }
        }
    }

    public override void Write(string folder, FaceSet set)
    {
        var path = Path.Combine(folder, "annotations.xml");
        try
        {
            AtomicFile.Write(path, stream =>
            {
                var settings = new XmlWriterSettings
                {
                    Encoding = new UTF8Encoding(false),
                    Indent = true,
                    NewLineChars = "\n",
                };
                using var xml = XmlWriter.Create(stream, settings);
                var images = set.ByPicture().Select((picture, id) => Image(set, picture, id));
                new XStreamingElement("annotations", new XElement("version", "1.1"), images).WriteTo(xml);
            });
        }
        // A style that holds what no XML file may.
        catch (ArgumentException e)
        {
            throw new ArgumentException($"{path}: {e.Message}", e);
        }
    }

    private static XElement Image(FaceSet set, IGrouping<string, LabelledFace> picture, int id)
    {
        XAttribute[]? size = set.SizeOf(picture.First()) is var (width, height)
            ? [new("width", width), new("height", height)] : null;
        return new XElement(
            "image", new XAttribute("id", id), new XAttribute("name", picture.Key), size,
            picture.Select(face => new XElement(
                "points", new XAttribute("label", "face"), new XAttribute("source", "manual"),
                new XAttribute("occluded", 0),
                new XAttribute("points", string.Join(';', face.Landmarks.Select(p => string.Create(
                    CultureInfo.InvariantCulture, $"{p.X + Corner},{p.Y + Corner}")))),
                new XAttribute("z_order", 0),
                face.Style is { } style ? new XElement("attribute", new XAttribute("name", "style"), style) : null)));
    }

    private static XmlReader Open(string file)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            CloseInput = true,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
        };
        return XmlReader.Create(File.OpenRead(file), settings);
    }

    private static bool Next(XmlReader xml, string file) => Guarded(file, xml.Read);

    private static T Guarded<T>(string where, Func<T> read)
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

    /// <summary>Reads a points or skeleton element to its end.</summary>
    private static LabelledFace Face(XmlReader xml, string image)
    {
        var (name, depth) = (xml.Name, xml.Depth);
        var (points, style) = (new List<(string Label, double X, double Y)>(), (string?)null);
        if (name == "points")
            Add(Attribute(xml, "points"), "");
        for (var isEmpty = xml.IsEmptyElement; !isEmpty && xml.Read() && xml.Depth > depth;)
        {
            if (xml.NodeType != XmlNodeType.Element)
                continue;
            if (xml.Name == "points" && xml.Depth == depth + 1)
            {
                if (xml.GetAttribute("outside") == "1")
                    throw new FormatException($"the point {xml.GetAttribute("label")} is outside: not labelled");
                Add(Attribute(xml, "points"), xml.GetAttribute("label") ?? "");
            }
            else if (xml.Name == "attribute" && xml.Depth == depth + 1 && xml.GetAttribute("name") == "style")
            {
                style = Content(xml);
            }
        }
        if (name == "skeleton" && points.All(p => int.TryParse(p.Label, CultureInfo.InvariantCulture, out _)))
            points = [.. points.OrderBy(p => int.Parse(p.Label, CultureInfo.InvariantCulture))];
        var numbers = points.SelectMany(p => (double[])[p.X, p.Y]).ToArray();
        return LabelledFace.FromLandmarks(image, AnnotationText.Points(numbers), style);

        void Add(string pairs, string label)
        {
            foreach (var pair in pairs.Split(';'))
            {
                var comma = pair.IndexOf(',');
                if (comma < 0 || points.Count >= MostPoints)
                    throw new FormatException(
                        comma < 0 ? $"'{AnnotationText.Short(pair)}' as a point" : "too many points");
                points.Add((
                    label,
                    AnnotationText.Coordinate(pair.AsSpan(0, comma)) - Corner,
                    AnnotationText.Coordinate(pair.AsSpan(comma + 1)) - Corner));
            }
        }
    }

    /// <summary>The text of an element, read to its end tag.</summary>
    private static string? Content(XmlReader xml)
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

    private static string Attribute(XmlReader xml, string name) =>
        xml.GetAttribute(name) ?? throw new FormatException($"{xml.Name} without the attribute {name}");
}
