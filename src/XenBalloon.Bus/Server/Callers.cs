using System.Text;

namespace XenBalloon.Bus.Server;

/// <summary>A client of the bus that has called the daemon.</summary>
internal sealed class Caller(string name)
{
    /// <summary>Its unique name.</summary>
    internal string Name => name;

    /// <summary>The uid that it connected with; valid if <see cref="User"/> is set.</summary>
    internal uint Uid { get; set; }

    /// <summary>The process that it connected from; null if the bus does not know it.</summary>
    internal uint? Process { get; set; }

    /// <summary>The user that it counts for; null until its uid is known.</summary>
    internal CallUser? User { get; set; }

    /// <summary>Whether the bus is asked for its uid.</summary>
    internal bool IsBeingIdentified { get; set; }

    /// <summary>Its calls until its uid is known.</summary>
    internal Queue<WaitingCall> Unidentified { get; } = [];

    /// <summary>How many of its calls have no reply yet, without those that are refused.</summary>
    internal int Pending { get; set; }
}

/// <summary>
/// Remembers callers, so that the bus is asked once for the uid of each. A bus never uses a unique name twice. Of many
/// callers, those are forgotten that have not called for long.
/// </summary>
internal sealed class Callers
{
    private const int Remembered = 1024, MaxNameLength = 255;

    private Dictionary<string, Caller> recent = new(StringComparer.Ordinal), earlier = new(StringComparer.Ordinal);

    /// <summary>The caller with this unique name.</summary>
    internal Caller Of(ReadOnlySpan<byte> uniqueName)
    {
        Span<char> text = stackalloc char[MaxNameLength];
        ReadOnlySpan<char> name = text[..Encoding.UTF8.GetChars(uniqueName, text)];
        if (recent.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out Caller? known)) return known;
        if (!earlier.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out known))
        {
            known = new Caller(name.ToString());
        }

        if (recent.Count == Remembered)
        {
            (recent, earlier) = (earlier, recent);
            recent.Clear();
        }

        recent.Add(known.Name, known);
        return known;
    }
}
