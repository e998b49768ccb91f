using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mdfld.Cli.Tracking;

/// <summary>
/// Sends one face to avatar programs on this machine by the VMC protocol: OSC messages in a bundle over UDP, to the
/// loopback address only.
/// </summary>
/// <remarks>
/// Messages and their arguments: protocol.vmc.info, Marionette specification 2.0; Unity's axes.
/// </remarks>
internal sealed class VmcSender : IDisposable
{
    /// <summary>UDP port of the VMC protocol for data from a performer.</summary>
    public const int DefaultPort = 39539;

    private readonly UdpClient _client = new();
    private readonly IPEndPoint _to;

    public VmcSender(int port) => _to = new IPEndPoint(IPAddress.Loopback, port);

    /// <summary>Sends a face; a receiver that is not there is no error.</summary>
    public void Send(TrackedFace face, double time)
    {
        var bundle = Bundle(face, time);
        try
        {
            _client.Send(bundle, _to);
        }
        catch (SocketException)
        {
            // Nobody listens yet.
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>The bundle: that a performer is there, time, head bone, blend shapes, and that they are to be applied.</summary>
    internal static byte[] Bundle(TrackedFace face, double time)
    {
        using var bundle = new MemoryStream();
        bundle.Write("#bundle\0"u8);
        // The time tag "at once".
        bundle.Write([0, 0, 0, 0, 0, 0, 0, 1]);
        Add("/VMC/Ext/OK", 1);
        Add("/VMC/Ext/T", (float)time);
        if (face.Pose is { } pose)
        {
            // Unity's axes: x right, y up, z forward, left-handed; the head's bone turns about its own place.
            var turn = Turn(pose);
            Add("/VMC/Ext/Bone/Pos", "Head", 0f, 0f, 0f, turn.X, turn.Y, turn.Z, turn.W);
        }
        if (face.Expression is { } expression)
        {
            // Perfect Sync's names are ARKit's with a capital.
            foreach (var (name, value) in expression.BlendShapes)
                Add("/VMC/Ext/Blend/Val", char.ToUpperInvariant(name[0]) + name[1..], value);
            Add("/VMC/Ext/Blend/Apply");
        }
        return bundle.ToArray();

        void Add(string address, params object[] values)
        {
            var message = Message(address, values);
            bundle.Write(Big(message.Length));
            bundle.Write(message);
        }
    }

    /// <summary>The avatar looks where the face does: it stands opposite, so that its right is the picture's left.</summary>
    private static Quaternion Turn(HeadPose pose)
    {
        const float Radians = MathF.PI / 180;
        // The last factor turns first: yaw, pitch, roll, as HeadPose does.
        return Quaternion.CreateFromAxisAngle(Vector3.UnitZ, pose.Roll * Radians)
            * Quaternion.CreateFromAxisAngle(Vector3.UnitX, -pose.Pitch * Radians)
            * Quaternion.CreateFromAxisAngle(Vector3.UnitY, -pose.Yaw * Radians);
    }

    private static byte[] Message(string address, object[] values)
    {
        using var message = new MemoryStream();
        WriteText(message, address);
        WriteText(message, "," + string.Concat(values.Select(v => v switch { int => 'i', float => 'f', _ => 's' })));
        foreach (var value in values)
        {
            switch (value)
            {
                case int i:
                    message.Write(Big(i));
                    break;
                case float f:
                    message.Write(Big(BitConverter.SingleToInt32Bits(f)));
                    break;
                default:
                    WriteText(message, (string)value);
                    break;
            }
        }
        return message.ToArray();
    }

    /// <summary>ASCII, ended and filled with zeros to a multiple of four.</summary>
    private static void WriteText(MemoryStream message, string text)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        message.Write(bytes);
        message.Write(stackalloc byte[4 - (bytes.Length % 4)]);
    }

    private static byte[] Big(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
