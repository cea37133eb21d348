rootProject.name = "wearlink-sdk"
