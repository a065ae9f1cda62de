namespace XenBalloon.Bus.Definitions;

/// <summary>What others are told when a property changes.</summary>
internal enum PropertyChanges
{
    /// <summary>The new value, with PropertiesChanged.</summary>
    Announced,

    /// <summary>It never changes while its object exists.</summary>
    Never,

    /// <summary>Nothing: it changes all the time, and whoever wants it asks for it.</summary>
    Silent,
}
