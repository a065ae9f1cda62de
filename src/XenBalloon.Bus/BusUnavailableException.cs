namespace XenBalloon.Bus;

/// <summary>There is no control bus; the message is one line that names the thing and the remedy.</summary>
public sealed class BusUnavailableException : Exception
{
    /// <summary>Creates the exception without a message.</summary>
    public BusUnavailableException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is missing and what to do.</param>
    public BusUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is missing and what to do.</param>
    /// <param name="innerException">How it showed.</param>
    public BusUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal BusUnavailableException(BusUnavailableCause cause, string message, Exception? innerException = null)
        : base(message, innerException) => Cause = cause;

    /// <summary>Why.</summary>
    public BusUnavailableCause Cause { get; } = BusUnavailableCause.NoBus;
}
