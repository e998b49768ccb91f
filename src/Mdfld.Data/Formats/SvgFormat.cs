using System.Xml.Linq;

namespace Mdfld.Data;

/// <summary>
/// A drawing a picture, to look at and to edit: x.svg with the picture, and of each face a group with its contours as
/// lines and its points as circles called face0-30. Only written.
/// </summary>
internal sealed class SvgFormat : PerPictureFormat
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    public SvgFormat()
        : base("svg", "SVG: x.svg with contours and points over x.jpg (written only)", ".svg") =>
        (IsRead, KeepsMissing, KeepsStyles) = (false, true, false);

    public override bool Recognises(string file) => false;

    protected override IEnumerable<ReadFace> ReadFaces(string file, string picture, Reading reading) =>
        throw new FormatException($"{Name} is only written");

    protected override void WriteFaces(Stream stream, FaceSet set, IReadOnlyList<LabelledFace> faces)
    {
        var (width, height) = NeededSize(set, faces[0]);
        // The centre of the first pixel is (0, 0), as everywhere.
        AnnotationXml.Write(stream, new XStreamingElement(
            Svg + "svg", new XAttribute("width", width), new XAttribute("height", height),
            new XAttribute("viewBox", $"-0.5 -0.5 {width} {height}"),
            new XElement(
                Svg + "image", new XAttribute("href", Uri.EscapeDataString(Path.GetFileName(faces[0].ImagePath))),
                new XAttribute("x", "-0.5"), new XAttribute("y", "-0.5"), new XAttribute("width", width),
                new XAttribute("height", height)),
            faces.Select(Face)));
    }

    private static XElement Face(LabelledFace face, int number)
    {
        var side = MathF.Max(MathF.Max(face.Box.Width, face.Box.Height), 1);
        return new XElement(
            Svg + "g", new XAttribute("id", $"face{number}"), new XAttribute("fill", "none"),
            new XAttribute("stroke", "#40ff40"), new XAttribute("stroke-width", AnnotationText.Text(side / 200)),
            LandmarkScheme.ForCount(face.Landmarks.Count).Contours.Select(contour => new XElement(
                Svg + (contour.IsClosed ? "polygon" : "polyline"),
                new XAttribute("class", contour.Name.Replace(' ', '-')),
                new XAttribute("points", string.Join(' ', contour.Indices.Select(i => face.Landmarks[i])
                    .Where(p => !LabelledFace.IsMissing(p))
                    .Select(p => $"{AnnotationText.Text(p.X)},{AnnotationText.Text(p.Y)}"))))),
            face.Landmarks.Index().Where(p => !LabelledFace.IsMissing(p.Item)).Select(p => new XElement(
                Svg + "circle", new XAttribute("id", $"face{number}-{p.Index}"),
                new XAttribute("cx", AnnotationText.Text(p.Item.X)),
                new XAttribute("cy", AnnotationText.Text(p.Item.Y)),
                new XAttribute("r", AnnotationText.Text(side / 150)), new XAttribute("fill", "#40ff40"))));
    }
}
