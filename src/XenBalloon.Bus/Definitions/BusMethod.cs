using System.Collections.Immutable;

namespace XenBalloon.Bus.Definitions;

/// <summary>A method that anyone may call; who may have it carried out is for its handler to say.</summary>
/// <typeparam name="T">The state of an object; immutable.</typeparam>
/// <param name="Name">Its name.</param>
/// <param name="Inputs">What it takes.</param>
/// <param name="Output">What it gives back; null for nothing.</param>
/// <param name="Handle">
/// Called on the bus thread with the object's state; the answer is sent when the task completes. A <see cref="MethodErrorException"/> becomes that
/// error, any other exception becomes <see cref="ErrorNames.Failed"/> with its message.
/// </param>
internal sealed record BusMethod<T>(string Name, ImmutableArray<BusArgument> Inputs, BusArgument? Output, Func<T, IMethodCall, Task<BusValue?>> Handle);
