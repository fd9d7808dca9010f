using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Recovery.Files;

/// <summary>
/// What the log's thread waits for: a byte on the node's own datagram socket, <c>ID.sock</c>, from another node that has written or from this process. One byte that waits is enough, so a full
/// socket is as good as one that has taken it, and nobody ever waits for somebody who is stopped.
/// </summary>
/// <remarks>
/// The system allows about a hundred bytes for the name of a socket. On Linux the folder is therefore named by its open descriptor (<c>/proc/self/fd/N/ID.sock</c>), however long its path; elsewhere
/// the path itself has to fit.
/// </remarks>
internal sealed class Nudge : IDisposable
{
    private static readonly byte[] s_byte = [1];

    private readonly string _prefix;
    private readonly ulong _node;
    private readonly SafeFileHandle? _folder;
    private readonly Socket _socket;
    private readonly Socket _self;
    private readonly Dictionary<ulong, Socket> _others = [];
    private readonly byte[] _received = new byte[1];

    public Nudge(string folder, ulong node)
    {
        _node = node;
        _prefix = folder;
        if (OperatingSystem.IsLinux())
        {
            _folder = Libc.OpenForReading(folder, out _);
            _prefix = FormattableString.Invariant($"/proc/self/fd/{_folder.DangerousGetHandle()}");
        }
        _socket = NewSocket();
        try
        {
            _socket.Bind(AddressOf(node));
            _self = Connect(node);
        }
        catch (Exception fault) when (fault is SocketException or ArgumentException)
        {
            _socket.Dispose();
            _folder?.Dispose();
            throw new RecoveryUnavailableException($"The folder {folder} can't hold a socket: {fault.Message}", innerException: fault);
        }
    }

    /// <summary>Blocks the thread until there is something to look at.</summary>
    public void Wait() => _socket.Receive(_received, SocketFlags.None, out _);

    /// <summary>Ends a wait of this process. Thread-safe.</summary>
    public void Wake()
    {
        try
        {
            _self.Send(s_byte, SocketFlags.None, out _);
        }
        catch (ObjectDisposedException)
        {
            // The thread has gone meanwhile.
        }
    }

    /// <summary>There is something new in the log.</summary>
    public void WakeOthers()
    {
        foreach (var other in _others.Values)
            other.Send(s_byte, SocketFlags.None, out _);
    }

    /// <summary>From now on that node is told, too, and at once of what was written before we knew it; unless it has not come as far as to have a socket, or is gone.</summary>
    public void Add(ulong node)
    {
        if (node == _node || _others.ContainsKey(node))
            return;
        try
        {
            var other = Connect(node);
            _others.Add(node, other);
            other.Send(s_byte, SocketFlags.None, out _);
        }
        catch (SocketException)
        {
            // Whoever looks after the nodes tries again.
        }
    }

    public void Remove(ulong node)
    {
        if (_others.Remove(node, out var socket))
            socket.Dispose();
    }

    /// <summary>These are the others that live.</summary>
    public void Meet(HashSet<ulong> nodes)
    {
        foreach (var node in _others.Keys.Where(node => !nodes.Contains(node)).ToArray())
            Remove(node);
        foreach (var node in nodes)
            Add(node);
    }

    public void Dispose()
    {
        foreach (var other in _others.Values)
            other.Dispose();
        _self.Dispose();
        _socket.Dispose();
        _folder?.Dispose();
    }

    private static Socket NewSocket() => new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    private UnixDomainSocketEndPoint AddressOf(ulong node) => new(Path.Combine(_prefix, NodeFolder.NameOf(node) + ".sock"));

    private Socket Connect(ulong node)
    {
        var socket = NewSocket();
        try
        {
            socket.Connect(AddressOf(node));
            socket.Blocking = false;
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
