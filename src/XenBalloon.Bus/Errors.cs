using System.Collections.Immutable;

namespace XenBalloon.Bus;

/// <summary>
/// Why a request failed. <see cref="ControlErrors"/> maps each error to its D-Bus name and exit status.
/// </summary>
public enum ControlError
{
    /// <summary>Any other failure; the message explains it.</summary>
    Failed,

    /// <summary>An argument is invalid.</summary>
    InvalidArgument,

    /// <summary>The domain does not exist, or no longer exists.</summary>
    NoSuchDomain,

    /// <summary>The reservation does not exist, or no longer exists.</summary>
    NoSuchReservation,

    /// <summary>The host does not have enough memory, or it does not become free in time.</summary>
    NotEnoughMemory,

    /// <summary>Domains that have the memory do not release it.</summary>
    DomainsRefused,

    /// <summary>A size is below the domain's minimum.</summary>
    BelowMinimum,

    /// <summary>The reservation's memory is not free yet.</summary>
    NotReady,

    /// <summary>The caller is not authorized.</summary>
    AccessDenied,

    /// <summary>The daemon does not run, or its bus cannot be reached.</summary>
    Unreachable,
}

/// <summary>The only table of D-Bus error names and of the exit statuses of commands that fail with them.</summary>
public static class ControlErrors
{
    private const string Prefix = "org.xenballoon.Balloon1.Error.";

    private static readonly ImmutableArray<(ControlError Error, string Name, int ExitStatus)> Table =
    [
        (ControlError.Failed, Prefix + nameof(ControlError.Failed), 1),
        (ControlError.InvalidArgument, Prefix + nameof(ControlError.InvalidArgument), 1),
        (ControlError.NoSuchDomain, Prefix + nameof(ControlError.NoSuchDomain), 4),
        (ControlError.NoSuchReservation, Prefix + nameof(ControlError.NoSuchReservation), 1),
        (ControlError.NotEnoughMemory, Prefix + nameof(ControlError.NotEnoughMemory), 6),
        (ControlError.DomainsRefused, Prefix + nameof(ControlError.DomainsRefused), 6),
        (ControlError.BelowMinimum, Prefix + nameof(ControlError.BelowMinimum), 1),
        (ControlError.NotReady, Prefix + nameof(ControlError.NotReady), 1),
        (ControlError.AccessDenied, "org.freedesktop.DBus.Error.AccessDenied", 1),
        (ControlError.Unreachable, "org.freedesktop.DBus.Error.ServiceUnknown", 3),
    ];

    /// <summary>The error's D-Bus name.</summary>
    public static string BusName(this ControlError error) => Table[(int)error].Name;

    /// <summary>The exit status of a command that fails with this error.</summary>
    public static int ExitStatus(this ControlError error) => Table[(int)error].ExitStatus;

    /// <summary>
    /// The error with this D-Bus name; <see cref="ControlError.Failed"/> for a name that is not in the table.
    /// </summary>
    internal static ControlError Of(string busName) => Table.FirstOrDefault(row => row.Name == busName).Error;
}

/// <summary>
/// A request failed. The daemon throws it to refuse a request; the client throws it when the daemon refuses or cannot
/// be reached.
/// </summary>
public sealed class ControlException : Exception
{
    /// <summary>Creates an exception for <see cref="ControlError.Failed"/>.</summary>
    /// <param name="message">One line: what is wrong, then what to do.</param>
    /// <param name="innerException">The cause, if it is an exception.</param>
    public ControlException(string message, Exception? innerException = null)
        : this(ControlError.Failed, message, innerException)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="error">The kind of failure.</param>
    /// <param name="message">One line: what is wrong, then what to do.</param>
    /// <param name="innerException">The cause, if it is an exception.</param>
    public ControlException(ControlError error, string message, Exception? innerException = null)
        : base(message, innerException) => Error = error;

    /// <summary>The kind of failure.</summary>
    public ControlError Error { get; }
}

/// <summary>Why the bus is unavailable.</summary>
public enum BusUnavailableCause
{
    /// <summary>No bus listens, or it does not answer.</summary>
    NoBus,

    /// <summary>Another process owns the bus name: most likely a second daemon.</summary>
    NameTaken,

    /// <summary>The bus refuses the connection or the bus name.</summary>
    Denied,

    /// <summary>An established connection ended.</summary>
    Lost,
}

/// <summary>
/// The connection to the bus failed. Not a <see cref="ControlException"/>, because it is never the reply to a request:
/// it ends the server, and its cause decides the daemon's exit status.
/// </summary>
public sealed class BusUnavailableException : Exception
{
    internal BusUnavailableException(BusUnavailableCause cause, string message, Exception? innerException = null)
        : base(message, innerException) => Cause = cause;

    /// <summary>Why.</summary>
    public BusUnavailableCause Cause { get; }
}
