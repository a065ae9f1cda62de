namespace XenBalloon.Bus;

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
