using System.Collections.Immutable;

namespace XenBalloon.Bus;

/// <summary>
/// Why a request was not carried out. <see cref="ControlErrors"/> says how each is named on the bus and by exit status.
/// </summary>
public enum ControlError
{
    /// <summary>Something else; the message says what.</summary>
    Failed,

    /// <summary>An argument is invalid.</summary>
    InvalidArgument,

    /// <summary>There is no such domain, or no longer.</summary>
    NoSuchDomain,

    /// <summary>There is no such reservation, or no longer.</summary>
    NoSuchReservation,

    /// <summary>There is not enough memory, or it is not free in time.</summary>
    NotEnoughMemory,

    /// <summary>Domains that could give the memory do not.</summary>
    DomainsRefused,

    /// <summary>A size is below a domain's minimum.</summary>
    BelowMinimum,

    /// <summary>The reservation's memory is not free yet.</summary>
    NotReady,

    /// <summary>The caller may not do this.</summary>
    AccessDenied,

    /// <summary>The daemon does not run, or there is no bus to reach it by.</summary>
    Unreachable,
}

/// <summary>
/// The one table of errors: an error, its D-Bus name, and the exit status of a command that ends with it.
/// </summary>
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

    /// <summary>The error's name on the bus.</summary>
    public static string BusName(this ControlError error) => Table[(int)error].Name;

    /// <summary>The exit status of a command that ends with this error.</summary>
    public static int ExitStatus(this ControlError error) => Table[(int)error].ExitStatus;

    /// <summary>
    /// The error of that name on the bus; <see cref="ControlError.Failed"/> for a name that is not ours.
    /// </summary>
    internal static ControlError Of(string busName) => Table.FirstOrDefault(row => row.Name == busName).Error;
}

/// <summary>
/// A request was not carried out; the message is one line that says why and what to do. The daemon throws it to refuse
/// a request, and the client throws it where the daemon refused or could not be reached.
/// </summary>
public sealed class ControlException : Exception
{
    /// <summary>Creates the exception without a message.</summary>
    public ControlException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">Why, and what to do.</param>
    public ControlException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">Why, and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public ControlException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="error">What kind of failure it is.</param>
    /// <param name="message">Why, and what to do.</param>
    /// <param name="innerException">The cause; null where there is none.</param>
    public ControlException(ControlError error, string message, Exception? innerException = null)
        : base(message, innerException) => Error = error;

    /// <summary>What kind of failure it is.</summary>
    public ControlError Error { get; }
}

/// <summary>Why there is no control bus.</summary>
public enum BusUnavailableCause
{
    /// <summary>No bus listens, or it does not answer.</summary>
    NoBus,

    /// <summary>Another process owns our bus name: most likely a second daemon.</summary>
    NameTaken,

    /// <summary>The bus does not let us in, or does not let us own our name.</summary>
    Denied,

    /// <summary>There was a bus, and the connection to it ended.</summary>
    Lost,
}

/// <summary>There is no control bus; the message is one line that says why and what to do.</summary>
public sealed class BusUnavailableException : Exception
{
    /// <summary>Creates the exception without a message.</summary>
    public BusUnavailableException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">Why, and what to do.</param>
    public BusUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">Why, and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public BusUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal BusUnavailableException(BusUnavailableCause cause, string message, Exception? innerException = null)
        : base(message, innerException) => Cause = cause;

    /// <summary>Why.</summary>
    public BusUnavailableCause Cause { get; }
}
