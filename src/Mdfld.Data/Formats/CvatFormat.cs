using System.Xml;
using System.Xml.Linq;
using static Mdfld.Data.AnnotationXml;

namespace Mdfld.Data;

/// <summary>
/// "CVAT for images 1.1": XML with <c>image</c> elements; a face is a <c>points</c> element with all of its points, or
/// a <c>skeleton</c> with one <c>points</c> a point, whose labels say which; one that is outside is missing,
/// one that is occluded not seen. Numbers
/// are taken as they stand, as in CVAT's own COCO exports. A style is an attribute of that name.
/// </summary>
internal sealed class CvatFormat : AnnotationFormat
{
    /// <summary>A skeleton that does not end.</summary>
    private const int MostPoints = 1000;

    public CvatFormat()
        : base("cvat", "CVAT for images 1.1: annotations.xml with points or skeletons") =>
        KeepsStyles = KeepsMissing = true;

    public override bool Recognises(string file) => HasRoot(file, "annotations");

    internal override IEnumerable<ReadFace> Read(string file, Reading reading)
    {
        using var xml = Open(file);
        var (image, isInImage) = ((string?)null, false);
        var names = new Dictionary<string, string>();
        while (NextElement(xml, file))
        {
            var where = Where(xml, file);
            if (xml.Name == "track")
                throw new InvalidDataException($"{where}: a track of CVAT for video; export as CVAT for images");
            if (xml.Name == "image")
            {
                isInImage = true;
                image = reading.One(where, () => reading.Picture(Attribute(xml, "name"))).FirstOrDefault();
            }
            if (xml.Name is not ("points" or "skeleton"))
                continue;
            if (!isInImage)
                throw new InvalidDataException($"{where}: {xml.Name} outside of an image");
            foreach (var face in reading.One(where, () => Guarded(where, () => Face(xml, where, image, names))))
                yield return face;
        }
    }

    internal override void Write(string folder, FaceSet set)
    {
        var images = set.ByPicture().Select((picture, id) => Image(set, picture, id));
        AnnotationXml.Write(
            Path.Combine(folder, "annotations.xml"),
            new XStreamingElement("annotations", new XElement("version", "1.1"), images));
    }

    private static XElement Image(FaceSet set, IGrouping<string, LabelledFace> picture, int id)
    {
        XAttribute[]? size = set.SizeOf(picture.First()) is var (width, height)
            ? [new("width", width), new("height", height)] : null;
        return new XElement(
            "image", new XAttribute("id", id), new XAttribute("name", picture.Key), size,
            picture.Select(face => (Face: face, IsPlain: face.IsComplete && face.Hidden.Count == 0)).Select(f => new XElement(
                f.IsPlain ? "points" : "skeleton", new XAttribute("label", "face"),
                new XAttribute("source", "manual"), new XAttribute("occluded", 0),
                f.IsPlain ? new XAttribute("points", string.Join(';', f.Face.Landmarks.Select(Pair))) : null,
                new XAttribute("z_order", 0),
                f.IsPlain ? null : f.Face.Landmarks.Select((p, i) => new XElement(
                    "points", new XAttribute("label", i), new XAttribute("source", "manual"),
                    new XAttribute("outside", LabelledFace.IsMissing(p) ? 1 : 0),
                    new XAttribute("occluded", f.Face.Hidden.Contains(i) ? 1 : 0),
                    new XAttribute("points", Pair(LabelledFace.IsMissing(p) ? Vector2.Zero : p)))),
                f.Face.Style is { } style ? new XElement("attribute", new XAttribute("name", "style"), style) : null)));

        static string Pair(Vector2 p) => $"{AnnotationText.Text(p.X)},{AnnotationText.Text(p.Y)}";
    }

    /// <summary>Reads a points or skeleton element to its end; null where its picture is not known.</summary>
    private static ReadFace? Face(XmlReader xml, string where, string? image, Dictionary<string, string> known)
    {
        var (name, depth) = (xml.Name, xml.Depth);
        var (points, names, hidden, style) = (new List<Vector2>(), new List<string>(), new List<int>(), (string?)null);
        FormatException? wrong = null;
        if (name == "points")
            Add("");
        // Read to its end, whatever is wrong with it: what follows is another face.
        for (var isEmpty = xml.IsEmptyElement; !isEmpty && xml.Read() && xml.Depth > depth;)
        {
            if (xml.NodeType != XmlNodeType.Element)
                continue;
            if (xml.Name == "points" && xml.Depth == depth + 1)
                Add(xml.GetAttribute("label") ?? "");
            else if (xml.Name == "attribute" && xml.Depth == depth + 1 && xml.GetAttribute("name") == "style")
                style = Content(xml);
        }
        if (wrong is not null)
            throw wrong;
        return image is null ? null
            : new ReadFace(where, image, points) { Names = name == "skeleton" ? names : null, Hidden = hidden, Style = style };

        void Add(string label)
        {
            try
            {
                var isOutside = name == "skeleton" && xml.GetAttribute("outside") is "1" or "true";
                if (name == "skeleton" && !isOutside && xml.GetAttribute("occluded") is "1" or "true")
                    hidden.Add(points.Count);
                foreach (var pair in isOutside ? [""] : Attribute(xml, "points").Split(';'))
                {
                    var comma = pair.IndexOf(',');
                    if ((comma < 0 && !isOutside) || points.Count >= MostPoints)
                        throw new FormatException(
                            comma < 0 ? $"'{AnnotationText.Short(pair)}' as a point" : "too many points");
                    points.Add(isOutside ? LabelledFace.Missing : AnnotationText.Point(
                        AnnotationText.Coordinate(pair.AsSpan(0, comma)),
                        AnnotationText.Coordinate(pair.AsSpan(comma + 1))));
                    // The same few names are in every face.
                    names.Add(known.TryGetValue(label, out var same) ? same : known[label] = label);
                }
            }
            catch (FormatException e)
            {
                wrong ??= e;
            }
        }
    }
}

/// <summary>
/// The XML of dlib's imglab, as 300-W comes with it: <c>image</c> with a <c>box</c> a face and in it a <c>part</c> a
/// point, called by its number from 0 in any order; parts that are not there are missing points.
/// </summary>
internal sealed class DlibFormat : AnnotationFormat
{
    private const int MostParts = 1000;

    public DlibFormat()
        : base("dlib", "dlib's imglab: labels.xml with a box a face and a part a point") => KeepsMissing = true;

    internal override int? FirstNumber => 0;

    public override bool Recognises(string file) => HasRoot(file, "dataset");

    internal override IEnumerable<ReadFace> Read(string file, Reading reading)
    {
        using var xml = Open(file);
        string? image = null;
        while (NextElement(xml, file))
        {
            var where = Where(xml, file);
            if (xml.Name == "image")
                image = reading.One(where, () => reading.Picture(Attribute(xml, "file"))).FirstOrDefault();
            if (xml.Name != "box" || image is null)
                continue;
            foreach (var face in reading.One(where, () => Guarded(where, () => Face(xml, where, image))))
                yield return face;
        }
    }

    internal override void Write(string folder, FaceSet set)
    {
        var images = set.ByPicture().Select(picture => new XElement(
            "image", new XAttribute("file", $"images/{picture.Key}"), picture.Select(Box)));
        AnnotationXml.Write(
            Path.Combine(folder, "labels.xml"),
            new XStreamingElement("dataset", new XStreamingElement("images", images)));

        // imglab's boxes are whole pixels; its parts may be fractions, which dlib's trainer rounds.
        static XElement Box(LabelledFace face) => new(
            "box", new XAttribute("top", MathF.Floor(face.Box.Top)), new XAttribute("left", MathF.Floor(face.Box.Left)),
            new XAttribute("width", MathF.Ceiling(face.Box.Width) + 1),
            new XAttribute("height", MathF.Ceiling(face.Box.Height) + 1),
            face.Landmarks.Index().Where(p => !LabelledFace.IsMissing(p.Item)).Select(p => new XElement(
                "part", new XAttribute("name", p.Index.ToString("00", CultureInfo.InvariantCulture)),
                new XAttribute("x", AnnotationText.Text(p.Item.X)),
                new XAttribute("y", AnnotationText.Text(p.Item.Y)))));
    }

    /// <summary>Reads a box to its end; null where it has no parts.</summary>
    private static ReadFace? Face(XmlReader xml, string where, string image)
    {
        var (depth, isIgnored) = (xml.Depth, xml.GetAttribute("ignore") is "1" or "true");
        var sides = ((string[])["left", "top", "width", "height"])
            .Select(name => (float)AnnotationText.Optional(xml.GetAttribute(name))).ToArray();
        var (points, names) = (new List<Vector2>(), new List<string>());
        FormatException? wrong = null;
        for (var isEmpty = xml.IsEmptyElement; !isEmpty && xml.Read() && xml.Depth > depth;)
        {
            if (xml.NodeType != XmlNodeType.Element || xml.Name != "part")
                continue;
            try
            {
                points.Add(AnnotationText.Point(
                    AnnotationText.Optional(Attribute(xml, "x")), AnnotationText.Optional(Attribute(xml, "y"))));
                names.Add(Attribute(xml, "name"));
            }
            catch (FormatException e)
            {
                wrong ??= e;
            }
            if (points.Count > MostParts)
                throw new FormatException("too many parts");
        }
        return wrong is not null ? throw wrong
            : points.Count == 0 || isIgnored ? null : new ReadFace(where, image, points)
            {
                Names = names,
                Box = sides.Any(float.IsNaN) ? null : new FaceBox(sides[0], sides[1], sides[2], sides[3]),
            };
    }
}
