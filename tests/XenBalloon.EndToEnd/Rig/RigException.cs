namespace XenBalloon.EndToEnd.Rig;

/// <summary>The test host itself failed, or a command that a test cannot do without.</summary>
public sealed class RigException : Exception
{
    public RigException(string message) : base(message)
    {
    }

    public RigException(string message, Exception inner) : base(message, inner)
    {
    }

    public RigException()
    {
    }
}
