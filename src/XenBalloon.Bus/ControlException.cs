namespace XenBalloon.Bus;

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
